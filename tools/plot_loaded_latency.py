#!/usr/bin/python3
"""Draws the loaded-latency curves of memory parts: mean latency over achieved bandwidth, of reads
of 32 bytes at random places, with the latency at rest (one read each 100 ns) at the left end.

    plot_loaded_latency.py OUT.svg STROBE PART...

Each curve is `strobe run PART reads.bin --sweep-load`. The picture is SVG written by hand, so that
it needs no plotting library and changes in a diff only where a curve does.
"""

import argparse
import array
import math
import pathlib
import random
import subprocess
import sys
import tempfile

import h5py

WIDTH, HEIGHT, LEFT, BOTTOM, RIGHT, TOP = 940, 480, 70, 56, 250, 44
COLOURS = ("#1b6ca8", "#c8553d", "#2e8b57", "#8e44ad", "#b8860b", "#16a085", "#7f3f5f", "#5b5b5b",
           "#d4557a")
MOST_LATENCY = 450  # ns; the end of a curve beyond it is cut off
READS, FOOTPRINT, READ = 100_000, 1 << 30, 32
AT_REST = "0.32GB/s"  # a read each 100 ns


def write_reads(path):
    chosen = random.Random(1)
    words = array.array("Q", (chosen.randrange(FOOTPRINT // READ) * READ for _ in range(READS)))
    if sys.byteorder == "big":
        words.byteswap()
    path.write_bytes(words.tobytes())


def run(strobe, part, folder, *options):
    """The groups of the run's file, as plain numbers."""
    path = folder / "out.h5"
    subprocess.run([strobe, "run", "-q", part, folder / "reads.bin", *options, "-o", path],
                   check=True)
    with h5py.File(path) as file:
        group = file["loads" if "loads" in file else "memory"]
        return group["share_of_pins"][()], group["read_latency_mean"][()] * 1e9


def curve(strobe, part, folder):
    """The part's name and (share of the pins, ns) of each load, that at rest first."""
    at_rest, swept = (run(strobe, part, folder, *options)
                      for options in (("--rate", AT_REST), ("--sweep-load",)))
    return part, [*zip(*at_rest), *zip(*swept)]


def curves_of(strobe, parts):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        write_reads(folder / "reads.bin")
        return [curve(strobe, part, folder) for part in parts]


def place(share, latency, most_share):
    x = LEFT + share / most_share * (WIDTH - LEFT - RIGHT)
    y = HEIGHT - BOTTOM - min(latency, MOST_LATENCY) / MOST_LATENCY * (HEIGHT - BOTTOM - TOP)
    return x, y


def text(x, y, words, anchor="middle", extra=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{extra}>{words}</text>'


def axes(most_share):
    lines = [text(LEFT, 24, "Reads of 32 bytes at random places: mean latency over load; rings: "
                  "at rest", "start", ' font-weight="bold"')]
    for latency in range(0, MOST_LATENCY + 1, 100):
        x, y = place(0, latency, most_share)
        end = WIDTH - RIGHT
        lines.append(f'<line x1="{x}" y1="{y:.1f}" x2="{end}" y2="{y:.1f}" stroke="#ddd"/>')
        lines.append(text(x - 8, y + 4, f"{latency} ns", "end"))
    for percent in range(0, round(most_share * 100) + 1, 5):
        x, y = place(percent / 100, 0, most_share)
        lines.append(f'<line x1="{x:.1f}" y1="{y}" x2="{x:.1f}" y2="{y + 5}" stroke="#666"/>')
        lines.append(text(x, y + 20, f"{percent} %"))
    middle = (LEFT + WIDTH - RIGHT) / 2
    lines.append(text(middle, HEIGHT - 14, "achieved bandwidth, of the pins"))
    return lines


def draw(curves):
    most_share = math.ceil(max(share for _, points in curves for share, _ in points) * 20) / 20
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
             'font-family="sans-serif" font-size="13">',
             f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>', *axes(most_share)]
    for number, (part, points) in enumerate(curves):
        colour = COLOURS[number % len(COLOURS)]
        places = [place(share, latency, most_share) for share, latency in points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        lines.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        (x, y), *loaded = places
        lines.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="white" stroke="{colour}" '
                     'stroke-width="2"/>')
        lines += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{colour}"/>'
                  for x, y in loaded]
        y = TOP + 14 + 20 * number
        x = WIDTH - RIGHT + 16
        lines.append(f'<line x1="{x}" y1="{y - 4}" x2="{x + 22}" y2="{y - 4}" stroke="{colour}" '
                     'stroke-width="3"/>')
        lines.append(text(x + 28, y, f"{part}, {points[0][1]:.0f} ns at rest", "start"))
    return "\n".join([*lines, "</svg>", ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("strobe", type=pathlib.Path)
    parser.add_argument("parts", nargs="+")
    options = parser.parse_args()
    curves = curves_of(options.strobe.resolve(), options.parts)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(draw(curves))


if __name__ == "__main__":
    main()
