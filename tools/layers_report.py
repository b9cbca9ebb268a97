#!/usr/bin/python3
"""Writes validation/LAYERS.md: how far predicted layers and networks are from measured ones.

    strobe validate v100-pcie-32gb --suite layers --quick -o v100.h5
    strobe validate --suite networks -o networks.h5
    tools/layers_report.py v100.h5 networks.h5

Any number of files of `strobe validate`. A table of errors by GPU and family of operators, the ten
layers farthest off with what is known of their cause (validation/measured/layer_causes.csv), and
every step of a network.
"""

import csv
import pathlib
import sys

import pandas
import xarray

VALIDATION = pathlib.Path(__file__).resolve().parent.parent / "validation"
CAUSES = VALIDATION / "measured" / "layer_causes.csv"
HEAD = """# Layers and networks against hardware

Written by `tools/layers_report.py` from files of `strobe validate --suite layers --quick` and
`--suite networks`; errors in per cent of what was measured. Layers have the overhead of their GPU
and family in them, which is told from the shortest ones. "chosen": the kernels of matrix products
are the model's choice, not those that were seen to run; for batches in fp32 it is a choice among
the few tiles that the same table's kernels on V100, T4 and A100 have (on the A100 a single one), so
that there "chosen" is no prediction. Causes: [DEVIATIONS.md](DEVIATIONS.md).
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


def causes() -> dict[tuple[str, str], str]:
    """What is known of a family of layers on a GPU."""
    lines = [line for line in CAUSES.read_text().splitlines() if not line.startswith("#")]
    return {(one["gpu"], one["family"]): one["cause"] for one in csv.DictReader(lines)}


def rows_table(figures: pandas.DataFrame, cause_of=None) -> list[str]:
    heads = ["GPU", "what", "measured", "simulated", "error"]
    lines = [row(heads + (["cause"] if cause_of else [])),
             "|---|---|---:|---:|---:|" + ("---|" if cause_of else "")]
    for one in figures.itertuples():
        cells = [one.gpu, f"{one.benchmark} {one.parameters}",
                 f"{one.measured:.4g} {one.unit}", f"{one.simulated:.4g} {one.unit}",
                 f"{one.error:+.1f}"]
        if cause_of:
            cells.append(cause_of.get((one.gpu, one.benchmark), "not found"))
        lines.append(row(cells))
    return lines


def worst_of_each_family(figures: pandas.DataFrame) -> pandas.DataFrame:
    """The ten farthest off, at most two of a GPU's family, so that none fills the list."""
    ordered = figures.reindex(figures.error.abs().sort_values(ascending=False).index)
    return ordered.groupby(["gpu", "benchmark"], sort=False).head(2).head(10)


def main() -> None:
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    figures = pandas.concat([figures_of(path) for path in sys.argv[1:]], ignore_index=True)
    layers = figures[figures.suite == "layers"]
    networks = figures[figures.suite == "networks"].copy()
    lines = [HEAD]
    if len(layers):
        lines += ["## Layers", "", *errors_table(layers, ["gpu", "benchmark"]), "",
                  "The ten farthest off, at most two of a GPU's family:", "",
                  *rows_table(worst_of_each_family(layers), causes())]
    if len(networks):
        networks["work"] = networks.benchmark.str.split(" ").str[0]
        lines += ["", "## Networks", "", *errors_table(networks, ["work", "gpu"]), "",
                  "Every step:", "", *rows_table(networks)]
    (VALIDATION / "LAYERS.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
