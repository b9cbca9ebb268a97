#!/usr/bin/python3
"""Draws the loaded-latency curves of memory parts: mean latency of reads over achieved bandwidth.

    plot_loaded_latency.py OUT.svg SWEEP.h5...          from files of `strobe run PART --sweep-load`
    plot_loaded_latency.py OUT.svg --strobe STROBE PART...   makes those files first

The picture is SVG written by hand, so that it needs no plotting library and changes in a diff only
where a curve does.
"""

import argparse
import math
import pathlib
import subprocess
import tempfile

import h5py

WIDTH, HEIGHT, LEFT, BOTTOM, RIGHT, TOP = 860, 480, 70, 56, 180, 44
COLOURS = ("#1b6ca8", "#c8553d", "#2e8b57", "#8e44ad", "#b8860b", "#16a085", "#7f3f5f", "#5b5b5b",
           "#d4557a")
MOST_LATENCY = 600  # ns; the end of a curve beyond it is cut off


def sweep(strobe, part, folder):
    path = folder / f"{part}.h5"
    subprocess.run([strobe, "run", "-q", part, "--sweep-load", "-o", path], check=True)
    return path


def read_curve(path):
    """The part's name and (share of the pins, ns) of each load."""
    with h5py.File(path) as file:
        loads = file["loads"]
        shares = loads["share_of_pins"][()]
        latencies = loads["read_latency_mean"][()] * 1e9
        return file.attrs["part"], list(zip(shares, latencies))


def place(share, latency, most_share):
    x = LEFT + share / most_share * (WIDTH - LEFT - RIGHT)
    y = HEIGHT - BOTTOM - min(latency, MOST_LATENCY) / MOST_LATENCY * (HEIGHT - BOTTOM - TOP)
    return x, y


def text(x, y, words, anchor="middle", extra=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{extra}>{words}</text>'


def axes(most_share):
    lines = [text(LEFT, 24, "Random 32-byte requests, 70 % reads: mean latency of reads over load",
                  "start", ' font-weight="bold"')]
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
        lines += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{colour}"/>'
                  for x, y in places]
        y = TOP + 14 + 20 * number
        x = WIDTH - RIGHT + 16
        lines.append(f'<line x1="{x}" y1="{y - 4}" x2="{x + 22}" y2="{y - 4}" stroke="{colour}" '
                     'stroke-width="3"/>')
        lines.append(text(x + 28, y, part, "start"))
    return "\n".join([*lines, "</svg>", ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--strobe", type=pathlib.Path, help="make the sweeps of these parts")
    parser.add_argument("sweeps", nargs="+", help="files, or parts with --strobe")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        paths = options.sweeps
        if options.strobe:
            strobe, folder = options.strobe.resolve(), pathlib.Path(name)
            paths = [sweep(strobe, part, folder) for part in options.sweeps]
        curves = [read_curve(path) for path in paths]
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(draw(curves))


if __name__ == "__main__":
    main()
