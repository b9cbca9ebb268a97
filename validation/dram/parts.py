#!/usr/bin/python3
"""Every memory part on the four patterns, into PARTS.md: what it moves, how long reads take at rest
and under load, and what a request costs the simulator. Draws loaded-latency curves of a part of
each kind, docs/pictures/loaded_latency.svg.

    parts.py STROBE

Instructions are counted as tests/bench/count_instructions.py counts them, by valgrind, and seconds
are those of the processor: both of a long run beyond a short one, of one thread, so that the start
of the program is not among them.
"""

import argparse
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
COUNTED = (2_000, 10_000)
TIMED, TRIES = (100_000, 1_100_000), 3
TEXT = """# Every memory part: bandwidth, latency and cost of simulating it

Made by `validation/dram/parts.py STROBE`; do not edit. Requests are of 32 bytes, by the patterns of
`strobe run PART --pattern NAME`: sequential reads; places at random, 70 % reads; reads in strides
of 4,128 bytes; streams with reads at random among them.

## What they move

Of as many requests as the part takes at once, in shares of the pins. Latency is the mean of reads
at random places: at rest one request comes each 100 ns, loaded they come at 80 % of what the part
takes of them. [RESULTS.md](RESULTS.md) has other simulators and hardware beside such figures.

![mean latency of reads over load](../../docs/pictures/loaded_latency.svg)

| part | GB/s of pins | seq | rand | stride | mixed | ns at rest | loaded |
|---|---:|---:|---:|---:|---:|---:|---:|
"""
COSTS = """
## What they cost to simulate

Instructions of a request, at saturation and at rest (one each 100 ns), and millions of requests in
a second of one core, the best of {tries} runs on {machine}. Instructions are the same
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


def instructions(strobe, part, pattern, *more):
    short, long = (words_of(pattern, requests, *more) for requests in COUNTED)
    counted = PartRun("", part, short, long, COUNTED[1] - COUNTED[0], "request")
    with tempfile.TemporaryDirectory() as folder:
        return count(strobe, counted, pathlib.Path(folder)) / counted.work


def seconds(strobe, part, words):
    """Of the processor, the least of some tries."""
    def once():
        before = os.times()
        subprocess.run([strobe, "run", part, "-q", *words], check=True)
        after = os.times()
        return after.children_user - before.children_user
    return min(once() for _ in range(TRIES))


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


def costs(strobe, part):
    counts = [instructions(strobe, part, pattern) for pattern in PATTERNS]
    counts.append(instructions(strobe, part, "rand", "--rate", f"{AT_REST / 1e9}GB/s"))
    speeds = [speed(strobe, part, pattern) for pattern in PATTERNS]
    return line([part, *(f"{each:,.0f}" for each in counts), *(f"{each:.2f}" for each in speeds)])


def draw_curves(strobe):
    with tempfile.TemporaryDirectory() as name:
        sweeps = [plot.sweep(strobe, part, pathlib.Path(name)) for part in OF_EACH_KIND]
        curves = [plot.read_curve(path) for path in sweeps]
    (ROOT / "docs/pictures/loaded_latency.svg").write_text(plot.draw(curves))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("strobe", type=pathlib.Path)
    strobe = parser.parse_args().strobe.resolve()
    listed = subprocess.run([strobe, "gpus", "--json"], check=True, capture_output=True, text=True)
    parts = json.loads(listed.stdout)["parts"]
    text = TEXT + "".join(figures(strobe, part) for part in parts)
    text += COSTS.format(tries=TRIES, machine=processor())
    text += "".join(costs(strobe, part) for part in parts)
    (HOME / "PARTS.md").write_text(text)
    draw_curves(strobe)


if __name__ == "__main__":
    main()
