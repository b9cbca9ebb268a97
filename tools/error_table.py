#!/usr/bin/python3
"""Puts how far each GPU is from what was measured on it into the README.

    strobe validate -j 2 -o all.h5 ; strobe validate --suite layers -j 2 -o layers.h5
    strobe validate --suite networks -j 2 -o networks.h5
    tools/error_table.py all.h5 layers.h5 networks.h5

A row a GPU, a column a suite: mean and worst absolute error in per cent, and the number of figures.
What stands between <!-- error-table --> and <!-- /error-table --> in README.md is replaced.
"""

import pathlib
import re
import sys

import pandas
import xarray

README = pathlib.Path(__file__).resolve().parent.parent / "README.md"
SUITES = ["latency", "capacity", "bandwidth", "mix", "concurrency", "l1", "l2", "random", "host",
          "launch", "layers", "networks"]


def table(figures: pandas.DataFrame) -> str:
    """Markdown: `mean / worst (count)` for each GPU and suite."""
    figures["error"] = (figures.simulated / figures.measured - 1).abs() * 100
    suites = [suite for suite in SUITES if (figures.suite == suite).any()]
    tolerances = figures.groupby("suite").tolerance.agg(["min", "max"]) * 100
    heads = [f"{s}, {low:.0f} %" if low == high else f"{s}, {low:.0f} to {high:.0f} %"
             for s, (low, high) in ((s, tolerances.loc[s]) for s in suites)]
    lines = ["| GPU | " + " | ".join(heads) + " |",
             "|---|" + "---:|" * len(suites)]
    for gpu, rows in figures.groupby("gpu"):
        errors = rows.groupby("suite").error.agg(["mean", "max", "count"])
        cells = [f"{errors['mean'][s]:.1f} / {errors['max'][s]:.0f} ({errors['count'][s]})"
                 if s in errors.index else "" for s in suites]
        lines.append(f"| {gpu} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    figures = pandas.concat(
        xarray.open_dataset(path, group="figures", engine="h5netcdf").to_dataframe()
        for path in sys.argv[1:])
    text = README.read_text()
    new, found = re.subn(r"(<!-- error-table -->\n).*?(<!-- /error-table -->)",
                         lambda match: match[1] + table(figures) + "\n" + match[2], text,
                         flags=re.DOTALL)
    if not found:
        sys.exit(f"{README} has no error table to replace")
    README.write_text(new)


if __name__ == "__main__":
    main()
