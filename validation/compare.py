#!/usr/bin/python3
"""Runs what validation/measured/plateaus.csv has measured and prints both, as a table. Fails when
one is further off than that file tolerates, and when one that is known to deviate (a row of
DEVIATIONS.md) no longer does.

    compare.py STROBE             print the table
    compare.py STROBE --readme    also put it between the marks in README.md

A latency is that of a pointer chase by one thread, a bandwidth that of a stream. Each is the
difference between a long and a short run, so that launch and warm-up cancel, as the hardware
benchmarks do it by repeating.
"""

import argparse
import csv
import pathlib
import re
import subprocess
import sys
import tempfile

import h5py

HOME = pathlib.Path(__file__).resolve().parent
KIB, MIB = 1 << 10, 1 << 20

# metric: footprint of the chase, loads of the short and the long run. What fits a cache has been
# walked through once by the short run; what does not misses anyway.
CHASES = {
    "L1 latency": (32 * KIB, 256, 2304),
    "L2 latency": (MIB, 8192, 12288),
    "DRAM latency": (24 * MIB, 1024, 5120),
}
STREAMS = {
    "copy bandwidth": ("copy", 2),
    "read bandwidth": ("read", 1),
    "write bandwidth": ("write", 1),
}
STREAM_BYTES = 16 * MIB, 48 * MIB  # of one array, several times the L2


def kernel_seconds(strobe, gpu, folder, *generate):
    trace, output = folder / "trace", folder / "out.h5"
    subprocess.run([strobe, "trace", "generate", generate[0], trace, *map(str, generate[1:])],
                   check=True, stdout=subprocess.DEVNULL)
    subprocess.run([strobe, "run", "--quiet", gpu, trace, "-o", output], check=True)
    with h5py.File(output) as file:
        return float(file["kernels/time"][0])


def simulate(strobe, gpu, metric, folder):
    """In the unit of the table: ns or GB/s."""
    if metric in CHASES:
        footprint, short, long = CHASES[metric]
        chase = ("chase", "--random", "--bytes", footprint, "--loads")
        times = [kernel_seconds(strobe, gpu, folder, *chase, loads) for loads in (short, long)]
        return (times[1] - times[0]) / (long - short) * 1e9
    pattern, arrays = STREAMS[metric]
    stream = (pattern, "--lane-bytes", 8, "--warps", 32, "--bytes")
    times = [kernel_seconds(strobe, gpu, folder, *stream, size) for size in STREAM_BYTES]
    return arrays * (STREAM_BYTES[1] - STREAM_BYTES[0]) / (times[1] - times[0]) * 1e-9


def compare(strobe):
    """The table, and the rows of it that are beyond their tolerance."""
    missed = []
    lines = ["| GPU | what | measured | simulated | error |", "|---|---|---:|---:|---:|"]
    with (HOME / "measured/plateaus.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            with tempfile.TemporaryDirectory() as folder:
                got = simulate(strobe, row["gpu"], row["metric"], pathlib.Path(folder))
            measured = float(row["value"])
            error = got / measured - 1
            lines.append(f"| {row['gpu']} | {row['metric']} | {measured:g} {row['unit']} | "
                         f"{got:.4g} {row['unit']} | {error:+.1%} |")
            is_off = abs(error) > float(row["tolerance"].rstrip("%")) / 100
            deviates = row["deviates"] == "yes"
            if is_off and not deviates:
                missed.append(f"{lines[-1]} more than {row['tolerance']}")
            if deviates and not is_off:
                missed.append(f"{lines[-1]} no longer deviates: take it out of DEVIATIONS.md")
    return "\n".join(lines), missed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("strobe", type=pathlib.Path)
    parser.add_argument("--readme", action="store_true", help="put the table into README.md")
    options = parser.parse_args()
    text, missed = compare(options.strobe.resolve())
    if options.readme:
        readme = HOME.parent / "README.md"
        marks = r"(<!-- error-table -->\n).*?(<!-- /error-table -->)"
        readme.write_text(re.sub(marks, rf"\g<1>{text}\n\g<2>", readme.read_text(), flags=re.S))
    print(text)
    for line in missed:
        print(line, file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
