"""What the notebooks need beside xarray: to call strobe, and two pictures that it does not draw."""

import os
import pathlib
import subprocess

import matplotlib.pyplot as plt
import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
RESULTS = pathlib.Path("results")


def strobe(output, *words):
    """Runs `strobe WORDS -o results/OUTPUT` and returns the file. The program is the one that the
    environment's STROBE names, or that of the release build."""
    RESULTS.mkdir(exist_ok=True)
    program = os.environ.get("STROBE", ROOT / "build/release/strobe")
    file = RESULTS / output
    done = subprocess.run([program, *words, "-o", file, "-q"], check=False, stderr=subprocess.PIPE,
                          text=True)
    if done.returncode not in (0, 1):  # 1: a figure missed its tolerance, a run of a sweep failed
        raise RuntimeError(done.stderr)
    return file


def stack(times, along, least=0.02, axes=None):
    """Shares of `times` over its dimension `along` as a bar for each place of the other dimension.
    What is below `least` everywhere is drawn together."""
    shares = (times / times.sum(along)).fillna(0)
    if shares.ndim == 1:
        shares = shares.expand_dims(" ")
    (rows,) = [name for name in shares.dims if name != along]
    frame = shares.transpose(rows, along).to_pandas()
    small = frame.columns[(frame < least).all()]
    frame = frame.drop(columns=small).assign(others=frame[small].sum(axis=1))
    axes = frame.plot.barh(stacked=True, ax=axes, colormap="tab20", width=0.7,
                           figsize=None if axes else (9, 0.8 + 0.45 * len(frame)))
    axes.invert_yaxis()
    axes.set(xlim=(0, 1), ylabel="", xlabel="share")
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1), fontsize="small")
    return axes


def heat_map(values, x, y, text="{:.3g}"):
    """A table of `values` as colours with the numbers in them, along coordinates of any kind:
    xarray itself draws along numbers only."""
    table = values.transpose(y, x)
    figure, axes = plt.subplots(figsize=(1.8 + 1.2 * table.sizes[x], 1.2 + 0.45 * table.sizes[y]))
    image = axes.imshow(table, aspect="auto", cmap="Blues")
    axes.set_xticks(range(table.sizes[x]), [str(each) for each in table[x].values])
    axes.set_yticks(range(table.sizes[y]), [str(each) for each in table[y].values])
    axes.set(xlabel=x, ylabel=y, title=values.attrs.get("long_name", values.name))
    middle = (np.nanmin(table) + np.nanmax(table)) / 2
    for row, column in np.ndindex(table.shape):
        value = float(table[row, column])
        axes.text(column, row, text.format(value), ha="center", va="center", fontsize="small",
                  color="white" if value > middle else "black")
    figure.colorbar(image, label=values.attrs.get("units", ""))
    return axes
