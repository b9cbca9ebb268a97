#!/usr/bin/python3
"""Instructions that fixed runs take, against tests/bench/instructions.csv.

    count_instructions.py STROBE            fail when a run takes more than 2 % more than stored
    count_instructions.py STROBE --update   store what they take now; the commit says why

Instructions of one thread under valgrind are repeatable where seconds on a shared machine are not.
The last column is per unit of work (a sector asked for, a memory request), the start of the program
included; the runs named start- show how much that is. Runs of a memory part alone on a pattern
(part-, low-, idle-) are the difference of a long and a short one, so that the start cancels.
"""

import argparse
import csv
import dataclasses
import os
import pathlib
import re
import subprocess
import sys
import tempfile

STORED = pathlib.Path(__file__).resolve().parent / "instructions.csv"
MOST_GROWTH = 0.02
NOISE = 5000  # instructions: paths and an environment of other lengths change a start by a thousand
SECTOR = 32
MIB = 1 << 20


@dataclasses.dataclass(frozen=True)
class Run:
    name: str
    target: str
    trace: str  # one of make_traces
    work: int
    unit: str


RUNS = [
    Run("start-gpu", "v100-pcie-32gb", "tiny", 1, "run"),
    Run("start-dram", "hbm2-2000", "one.txt", 1, "run"),
    Run("copy-hbm2", "v100-pcie-32gb", "copy", 2 * MIB // SECTOR, "sector"),
    Run("copy-gddr6", "rtx-a6000", "copy", 2 * MIB // SECTOR, "sector"),
    Run("copy-lpddr5x", "gb10", "copy", 2 * MIB // SECTOR, "sector"),
    Run("gather-hbm2", "v100-pcie-32gb", "gather", 32_755, "sector"),
    Run("chase-hbm2", "v100-pcie-32gb", "chase", 8192, "load"),
    Run("dram-stream", "hbm2-2000", "stream.txt", 50_000, "request"),
    Run("dram-random", "hbm2-2000", "random.txt", 50_000, "request"),
    Run("dram-low-load", "hbm2-2000", "low_load.txt", 10_000, "request"),
]


@dataclasses.dataclass(frozen=True)
class PartRun:
    name: str
    target: str
    short: tuple  # words of the command line
    long: tuple
    work: int  # of the long run more than of the short one
    unit: str


def part_runs():
    short, long = 10_000, 20_000
    for part in ("hbm2-2000", "hbm3-6400", "gddr6-16000", "lpddr5x-8533"):
        kind = part.split("-")[0]
        for pattern in ("seq", "rand", "stride", "mixed"):
            words = ("--pattern", pattern, "--requests")
            yield PartRun(f"part-{kind}-{pattern}", part, (*words, str(short)),
                          (*words, str(long)), long - short, "request")
        # One request each 100 ns.
        words = ("--pattern", "rand", "--rate", "0.32GB/s", "--requests")
        yield PartRun(f"low-{kind}", part, (*words, "1000"), (*words, "3000"), 2000, "request")
        yield PartRun(f"idle-{kind}", part, ("two_now.txt",), ("two_apart.txt",), 1, "ms")


def all_runs():
    return [*RUNS, *part_runs()]


def random_addresses(count, bits, state=1):
    """Every run and machine the same: Knuth's multiplier, the high bits of the state."""
    for _ in range(count):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        yield (state >> (64 - bits)) & ~(SECTOR - 1)


def make_traces(strobe, folder):
    def generate(name, pattern, *options):
        subprocess.run([strobe, "trace", "generate", pattern, folder / name, *options],
                       check=True, stdout=subprocess.DEVNULL)

    generate("tiny", "read", "--bytes", "4K")
    generate("copy", "copy", "--bytes", "1M", "--loads", "4")
    generate("gather", "gather", "--bytes", "1M", "--lane-bytes", "4")
    generate("chase", "chase", "--bytes", "1M", "--loads", "8192", "--random")
    stream = (f"{i * SECTOR:#x} R" for i in range(50_000))
    scatter = (f"{address:#x} R" for address in random_addresses(50_000, 31))
    spaced = (f"{address:#x} R {i * 500}ns"
              for i, address in enumerate(random_addresses(10_000, 31)))
    one = ["0x0 R"]
    # To every pseudo-channel of the part twice, the second time at once or a millisecond later.
    everywhere = [hex(place * 256) for place in range(64)]
    now, apart = ([f"{address} R {time}ns" for time in (0, then) for address in everywhere]
                  for then in (1, 1_000_000))
    for name, lines in (("two_now", now), ("two_apart", apart), ("one", one), ("stream", stream),
                        ("random", scatter), ("low_load", spaced)):
        (folder / f"{name}.txt").write_text("\n".join(lines) + "\n")


def count(strobe, run, folder):
    """Instructions of one run, or of a long one beyond a short one."""
    if isinstance(run, Run):
        return count_of(strobe, run, folder, (run.trace,))
    return count_of(strobe, run, folder, run.long) - count_of(strobe, run, folder, run.short)


def count_of(strobe, run, folder, words):
    """By callgrind."""
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", strobe, "run",
               "--quiet", run.target, *words]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder,
                          env={"PATH": os.environ["PATH"], "LC_ALL": "C"})
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or found is None:
        sys.exit(f"{run.name} failed:\n{done.stdout}{done.stderr}")
    return int(found[1])


def read_stored():
    if not STORED.is_file():
        return {}
    with STORED.open(newline="") as file:
        return {row["run"]: int(row["instructions"]) for row in csv.DictReader(file)}


def store(counts):
    with STORED.open("w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["run", "target", "work", "unit", "instructions", "instructions_per_unit"])
        for run in all_runs():
            each = round(counts[run.name] / run.work)
            table.writerow([run.name, run.target, run.work, run.unit, counts[run.name], each])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("strobe", type=pathlib.Path)
    parser.add_argument("--update", action="store_true", help="store what the runs take now")
    options = parser.parse_args()
    strobe = options.strobe.resolve()

    stored, counts, grown = read_stored(), {}, []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        make_traces(strobe, folder)
        for run in all_runs():
            counts[run.name] = count(strobe, run, folder)
            before = stored.get(run.name)
            change = "new" if before is None else f"{counts[run.name] / before - 1:+.2%}"
            print(f"{run.name:18} {counts[run.name]:>13,} instructions "
                  f"{counts[run.name] / run.work:>9,.0f} a {run.unit:8} {change:>8}", flush=True)
            if before is None or counts[run.name] > before * (1 + MOST_GROWTH) + NOISE:
                grown.append(run.name)
    if options.update:
        store(counts)
    elif grown:
        print(f"more than {MOST_GROWTH:.0%} above tests/bench/instructions.csv, or not in it: "
              f"{', '.join(grown)}. If that is meant: --update, and the commit says why.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
