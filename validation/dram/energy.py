#!/usr/bin/python3
"""Writes what a bit costs on every memory part, and beside it what has been published, into
ENERGY.md.

    energy.py STROBE

The published figures are in ../measured/dram_energy.csv with their sources and how far these agree;
tests/closed_form/dram/energy.test.cpp fails when a part is further from one than that.
"""

import argparse
import csv
import pathlib
import random
import struct
import subprocess
import tempfile

import h5py

HOME = pathlib.Path(__file__).resolve().parent
LINE, REQUESTS = 128, 200_000
SHARES = ("activate", "read", "write", "pins", "refresh", "standby")
WRITE = 1 << 63
UNNAMED, ENDS = "stream to random lines", ("read stream", "random lines")
PREFACE = """# Energy of memory parts alone

Made by `validation/dram/energy.py`; do not edit. Lines of 128 bytes as fast as the part takes them;
random data. Energies of commands come from currents (`[energy]` of each part, with sources), so a
figure here is a prediction but for the parts whose energies are scaled from another's by a vendor's
statement (GDDR6X, GDDR7).
"""
NOTE = """
## What has been published

Vendors state one number of a kind, of devices alone, and name neither access nor load; two of them
differ by 40 % on HBM2E. The H200 was measured. A part's own figures span a stream, which uses
its rows up, to random lines, which open a row for 128 bytes each: such a statement is compared with
both ends. Micron's "average device power" is within 2 % of random lines on GDDR6 and HBM2E, whose
currents come from elsewhere; that it means such accesses is inferred from that. GDDR6X and GDDR7
are scaled from GDDR6 by vendors' statements and show nothing of their own.
"""


def traces(folder):
    generator = random.Random(1)
    stream = [line * LINE for line in range(REQUESTS)]
    scattered = [generator.randrange(1 << 24) * LINE for _ in range(REQUESTS)]
    words = {"read stream": stream, "write stream": [at | WRITE for at in stream],
             "random lines": scattered}
    paths = {}
    for name, requests in words.items():
        paths[name] = folder / (name.replace(" ", "-") + ".bin")
        paths[name].write_bytes(struct.pack(f"<{len(requests)}Q", *requests))
    return paths


def run(strobe, part, trace):
    with tempfile.TemporaryDirectory() as folder:
        output = pathlib.Path(folder) / "out.h5"
        subprocess.run([strobe, "run", "-q", part, trace, "--request-bytes", str(LINE), "-o",
                        output], check=True)
        with h5py.File(output) as file:
            return {name: item[0] for name, item in file["memory"].items() if item.ndim == 1}


def table_of_parts(strobe, paths):
    lines = ["| part | access | GB/s | W | pJ a bit | " + " | ".join(SHARES) + " |",
             "|---|---|---:|---:|---:|" + "---:|" * len(SHARES)]
    per_bit = {}
    for file in sorted((HOME.parent.parent / "configs/dram").glob("*.toml")):
        for access, path in paths.items():
            row = run(strobe, file.stem, path)
            moved = (row["read_bandwidth"] + row["write_bandwidth"]) * 1e-9
            per_bit[file.stem, access] = row["energy_per_bit"] * 1e12
            shares = " | ".join(f"{row['energy_' + share] / row['energy']:.0%}"
                                for share in SHARES)
            lines.append(f"| {file.stem} | {access} | {moved:.1f} | {row['power']:.2f} | "
                         f"{per_bit[file.stem, access]:.2f} | {shares} |")
    return lines, per_bit


def table_of_published(per_bit):
    lines = ["| kind | part | access | published, pJ a bit | Strobe | difference | source |",
             "|---|---|---|---:|---:|---:|---|"]
    with (HOME.parent / "measured/dram_energy.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            theirs = float(row["value"])
            names = ENDS if row["access"] == UNNAMED else (row["access"],)
            ours = [per_bit[row["part"], name] for name in names]
            lines.append(f"| {row['kind']} | {row['part']} | {row['access']} | {theirs} | "
                         f"{' to '.join(f'{each:.2f}' for each in ours)} | "
                         f"{' to '.join(f'{each / theirs - 1:+.0%}' for each in ours)} | "
                         f"{row['source']}: {row['method']} |")
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("strobe", type=pathlib.Path)
    strobe = parser.parse_args().strobe.resolve()
    with tempfile.TemporaryDirectory() as name:
        parts, per_bit = table_of_parts(strobe, traces(pathlib.Path(name)))
    text = [PREFACE, *parts, NOTE, *table_of_published(per_bit)]
    (HOME / "ENERGY.md").write_text("\n".join(text) + "\n")


if __name__ == "__main__":
    main()
