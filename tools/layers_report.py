#!/usr/bin/python3
"""Writes validation/LAYERS.md: how far predicted layers and networks are from measured ones.

    strobe validate --suite layers -j 2 -o layers.h5
    strobe validate --suite networks -j 2 -o networks.h5
    tools/layers_report.py layers.h5 networks.h5

A table of errors by GPU and family of operators, the ten layers farthest off, and every step of a
network. What is known of causes stands in validation/DEVIATIONS.md.
"""

import pathlib
import sys

import pandas
import xarray

REPORT = pathlib.Path(__file__).resolve().parent.parent / "validation" / "LAYERS.md"
HEAD = """# Layers and networks against hardware

Written by `tools/layers_report.py` from `strobe validate --suite layers` and `--suite networks`;
errors in per cent of what was measured. Layers have the overhead of their GPU and family in them,
which is told from the shortest ones. "chosen": the kernels of matrix products are the model's
choice, not those that were seen to run. Causes, where known: [DEVIATIONS.md](DEVIATIONS.md).
"""


def figures_of(path: str) -> pandas.DataFrame:
    figures = xarray.open_dataset(path, group="figures", engine="h5netcdf").to_dataframe()
    figures["error"] = (figures.simulated / figures.measured - 1) * 100
    return figures


def row(cells) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def errors_table(figures: pandas.DataFrame, keys: list[str]) -> list[str]:
    lines = [row([*keys, "rows", "mean", "median", "90 %", "worst", "bias", "aimed at"]),
             "|" + "---|" * len(keys) + "---:|" * 7]
    for names, rows in figures.groupby(keys, sort=False):
        absolute = rows.error.abs()
        lines.append(row([*names, len(rows), f"{absolute.mean():.1f}", f"{absolute.median():.1f}",
                          f"{absolute.quantile(0.9):.0f}", f"{absolute.max():.0f}",
                          f"{rows.error.mean():+.1f}", f"{100 * rows.tolerance.iloc[0]:.0f}"]))
    return lines


def rows_table(figures: pandas.DataFrame) -> list[str]:
    lines = [row(["GPU", "what", "measured", "simulated", "error"]), "|---|---|---:|---:|---:|"]
    for one in figures.itertuples():
        lines.append(row([one.gpu, f"{one.benchmark} {one.parameters}",
                          f"{one.measured:.4g} {one.unit}", f"{one.simulated:.4g} {one.unit}",
                          f"{one.error:+.1f}"]))
    return lines


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    layers, networks = (figures_of(path) for path in sys.argv[1:])
    networks["work"] = networks.benchmark.str.split(" ").str[0]
    worst = layers.reindex(layers.error.abs().sort_values(ascending=False).index).head(10)
    lines = [HEAD, "## Layers", "", *errors_table(layers, ["gpu", "benchmark"]),
             "", "The ten farthest off:", "", *rows_table(worst),
             "", "## Networks", "", *errors_table(networks, ["work", "gpu"]),
             "", "Every step:", "", *rows_table(networks)]
    REPORT.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
