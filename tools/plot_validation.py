#!/usr/bin/python3
"""Draws what `strobe validate -o FILE.h5` wrote: for each GPU the measured curve and the simulated
one, over the parameter that varies.

    plot_validation.py FILE.h5 FOLDER    one SVG a GPU and suite into FOLDER
"""

import argparse
import collections
import pathlib
import sys

import h5py
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

# The parameters that a curve may be drawn over, and what they are called on the axis.
AXES = {
    "footprint": "footprint (B)",
    "blocks": "blocks",
    "threads": "threads a block",
    "stages": "groups of copies under way",
    "warps": "warps",
    "bytes": "bytes copied",
}
UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
FEWEST_POINTS = 3  # of a curve


def number(text):
    return int(text[:-1]) * UNITS[text[-1]] if text[-1] in UNITS else int(text)


def parameters_of(text):
    return {name: number(value) for name, value in (word.split("=") for word in text.split())}


def read_rows(path):
    with h5py.File(path) as file:
        if file.attrs["schema"] != "strobe-validation":
            sys.exit(f"{path} was not written by strobe validate")
        group = file["figures"]
        texts = {name: group[name].asstr()[()] for name in
                 ("gpu", "suite", "benchmark", "parameters", "unit")}
        numbers = {name: group[name][()] for name in ("measured", "simulated")}
    count = len(numbers["measured"])
    return [{name: column[i] for name, column in (*texts.items(), *numbers.items())}
            for i in range(count)]


def curves_of(rows):
    """Rows that differ in one parameter, by (what varies, benchmark, the others, unit)."""
    curves = collections.defaultdict(list)
    for row in rows:
        given = parameters_of(row["parameters"])
        for axis in AXES:
            if axis not in given:
                continue
            others = " ".join(f"{k}={v}" for k, v in given.items() if k != axis)
            curves[axis, row["benchmark"], others, row["unit"]].append((given[axis], row))
    return {key: sorted(points, key=lambda point: point[0]) for key, points in curves.items()
            if len({x for x, _ in points}) >= FEWEST_POINTS}


def draw(gpu, suite, curves, path):
    axes_used = list(dict.fromkeys((axis, unit) for axis, _, _, unit in curves))
    figure, panels = plt.subplots(1, len(axes_used), figsize=(6 * len(axes_used), 4.5),
                                  squeeze=False)
    for (axis, unit), panel in zip(axes_used, panels[0]):
        for (varies, benchmark, others, of_unit), points in curves.items():
            if (varies, of_unit) != (axis, unit):
                continue
            x = [point[0] for point in points]
            line, = panel.plot(x, [row["measured"] for _, row in points], "o-", markersize=3,
                               label=f"{benchmark} {others}".strip())
            panel.plot(x, [row["simulated"] for _, row in points], "x--", markersize=4,
                       color=line.get_color())
        panel.set(xlabel=AXES[axis], ylabel=unit, xscale="log", ylim=(0, None))
        panel.legend(fontsize="x-small")
        panel.grid(alpha=0.3)
    figure.suptitle(f"{gpu}, {suite}: measured (solid) and simulated (dashed)")
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    options = parser.parse_args()
    plt.rcParams["svg.hashsalt"] = "strobe"  # equal figures are equal files
    options.folder.mkdir(parents=True, exist_ok=True)
    rows = read_rows(options.file)
    for gpu, suite in dict.fromkeys((row["gpu"], row["suite"]) for row in rows):
        curves = curves_of([row for row in rows if (row["gpu"], row["suite"]) == (gpu, suite)])
        if not curves:
            continue
        path = options.folder / f"{gpu}-{suite}.svg"
        draw(gpu, suite, curves, path)
        print(path)


if __name__ == "__main__":
    main()
