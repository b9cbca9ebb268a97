#!/usr/bin/python3
"""Every memory part on the four patterns, into PARTS.md: what it moves, how long reads take at rest
and under load, and what a request costs the simulator. Draws loaded-latency curves of a part of
each kind, docs/pictures/loaded_latency.svg.

    parts.py STROBE             all of it, some seven minutes of two idle cores
    parts.py STROBE PART...     the lines of these parts, printed; nothing is written

Instructions are counted as tests/bench/count_instructions.py counts them, by valgrind, and seconds
are those of the processor: both of a long run beyond a short one, of one thread, so that the start
of the program is not among them. Runs are side by side, one a core, but for those that are timed.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import tempfile

HOME = pathlib.Path(__file__).resolve().parent
ROOT = HOME.parents[1]
sys.path += [str(ROOT / "tests/bench"), str(ROOT / "tools")]
from count_instructions import PartRun, count  # noqa: E402
import plot_loaded_latency as plot  # noqa: E402

OF_EACH_KIND = ("hbm2-2000", "hbm2e-3200", "hbm3-6400", "hbm3e-8000", "gddr6-16000", "gddr6x-21000",
                "gddr7-28000", "lpddr5-6400", "lpddr5x-8533")
PATTERNS = ("seq", "rand", "stride", "mixed")
AT_REST = 0.32e9  # B/s: one request of 32 bytes each 100 ns
LOADED = 0.8  # of what the part takes of random requests
REQUESTS = 200_000
COUNTED, COUNTED_AT_REST = (10_000, 20_000), (1_000, 3_000)
TIMED = (50_000, 650_000)
TEXT = """# Every memory part: bandwidth, latency and cost of simulating it

Made by `validation/dram/parts.py STROBE`; do not edit. Requests are of 32 bytes, by the patterns of
`strobe run PART --pattern NAME`: sequential reads; places at random, 70 % reads; reads in strides
of 4,128 bytes; streams with reads at random among them.

## What they move

Of as many requests as the part takes at once, in shares of the pins. Latency is the mean of reads
at random places: at rest one request comes each 100 ns, loaded they come at 80 % of what the part
takes of them. [RESULTS.md](RESULTS.md) has other simulators and hardware beside such figures.

![mean latency of random reads over load](../../docs/pictures/loaded_latency.svg)

| part | GB/s of pins | seq | rand | stride | mixed | ns at rest | loaded |
|---|---:|---:|---:|---:|---:|---:|---:|
"""
COSTS = """
## What they cost to simulate

Instructions of a request, at saturation and at rest (one each 100 ns), and millions of requests in
a second of one core, one run each, on {machine}. Instructions are the same
everywhere; seconds on a shared machine are not, and an idle one is faster.

| part | instructions: seq | rand | stride | mixed | at rest | M requests/s: seq | rand | stride | \
mixed |
|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|
"""


def run(strobe, part, pattern, requests, *words):
    command = [strobe, "run", part, "--json", "--pattern", pattern, "--requests", str(requests),
               *words]
    shown = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    memory = shown["memory"]
    memory["bandwidth"] = memory["read_bandwidth"] + memory["write_bandwidth"]
    memory["peak"] = shown["dram_peak_bandwidth"]
    return memory


def words_of(pattern, requests, *more):
    return ("--pattern", pattern, "--requests", str(requests), *more)


def instructions(strobe, part, pattern, sizes, *more):
    short, long = (words_of(pattern, requests, *more) for requests in sizes)
    counted = PartRun("", part, short, long, sizes[1] - sizes[0], "request")
    with tempfile.TemporaryDirectory() as folder:
        return count(strobe, counted, pathlib.Path(folder)) / counted.work


def seconds(strobe, part, words):
    """Of the processor."""
    before = os.times()
    subprocess.run([strobe, "run", part, "-q", *words], check=True)
    after = os.times()
    return after.children_user - before.children_user


def speed(strobe, part, pattern):
    short, long = (seconds(strobe, part, words_of(pattern, requests)) for requests in TIMED)
    return (TIMED[1] - TIMED[0]) / (long - short) / 1e6


def processor():
    with open("/proc/cpuinfo") as file:
        return next(line.split(":")[1].strip() for line in file if line.startswith("model name"))


def line(cells):
    return "| " + " | ".join(cells) + " |\n"


def figures(strobe, part):
    full = {pattern: run(strobe, part, pattern, REQUESTS) for pattern in PATTERNS}

    def latency(load):
        offered = ("--rate", f"{load / 1e9:.4f}GB/s")
        return run(strobe, part, "rand", REQUESTS // 10, *offered)["read_latency_mean"] * 1e9
    cells = [part, f"{full['seq']['peak'] / 1e9:.0f}"]
    cells += [f"{full[pattern]['bandwidth'] / full[pattern]['peak']:.1%}" for pattern in PATTERNS]
    cells += [f"{latency(AT_REST):.1f}", f"{latency(LOADED * full['rand']['bandwidth']):.0f}"]
    return line(cells)


def counts(strobe, part):
    saturated = [instructions(strobe, part, pattern, COUNTED) for pattern in PATTERNS]
    at_rest = instructions(strobe, part, "rand", COUNTED_AT_REST, "--rate", f"{AT_REST / 1e9}GB/s")
    return [*saturated, at_rest]


def costs(strobe, part, counted):
    speeds = [speed(strobe, part, pattern) for pattern in PATTERNS]
    return line([part, *(f"{each:,.0f}" for each in counted), *(f"{each:.2f}" for each in speeds)])


def tables(strobe, parts):
    """The lines of both tables."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as side_by_side:
        moved = [*side_by_side.map(lambda part: figures(strobe, part), parts)]
        counted = [*side_by_side.map(lambda part: counts(strobe, part), parts)]
    return "".join(moved), "".join(map(lambda *each: costs(strobe, *each), parts, counted))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("strobe", type=pathlib.Path)
    parser.add_argument("parts", nargs="*", metavar="PART")
    arguments = parser.parse_args()
    strobe = arguments.strobe.resolve()
    if arguments.parts:
        print(*tables(strobe, arguments.parts), sep="\n", end="")
        return
    listed = subprocess.run([strobe, "gpus", "--json"], check=True, capture_output=True, text=True)
    moved, cost = tables(strobe, json.loads(listed.stdout)["parts"])
    (HOME / "PARTS.md").write_text(TEXT + moved + COSTS.format(machine=processor()) + cost)
    curves = plot.curves_of(strobe, OF_EACH_KIND)
    (ROOT / "docs/pictures/loaded_latency.svg").write_text(plot.draw(curves))


if __name__ == "__main__":
    main()
