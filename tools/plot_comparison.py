#!/usr/bin/python3
"""Draws what `strobe compare --epoch -o` wrote: time and energy of an epoch over the batch.

    plot_comparison.py OUT.svg COMPARISON.h5...
    plot_comparison.py --table COMPARISON.h5...    prints the same as rows of Markdown instead

A panel for the time and one for the energy, a colour for each network, a dash pattern for each GPU.
SVG written by hand, as tools/plot_loaded_latency.py does it.
"""

import argparse
import math
import pathlib

import h5py

WIDTH, HEIGHT, LEFT, BOTTOM, GAP, TOP = 900, 420, 60, 50, 70, 44
LEGEND = 180
PANEL = (WIDTH - LEFT - GAP - LEGEND) / 2
COLOURS = ("#1b6ca8", "#c8553d", "#2e8b57", "#8e44ad", "#b8860b", "#16a085")
DASHES = ("none", "6 4", "2 3")
PANELS = (("epoch_time", "s", "time of an epoch"), ("epoch_energy", "J", "its energy"))


def read_steps(path):
    """A dictionary for each step that was compared."""
    with h5py.File(path) as file:
        steps = file["steps"]
        columns = {name: steps[name][()] for name in steps}
    count = len(columns["batch"])
    rows = [{name: column[i] for name, column in columns.items()} for i in range(count)]
    for row in rows:
        row["gpu"], row["network"] = row["gpu"].decode(), row["network"].decode()
        row["bound"] = row["bound"].decode()
    return rows


def table(rows):
    first = rows[0]["gpu"]
    lines = ["| network | batch | GPU | epoch | host copies in it | energy | W | samples a joule "
             "| of the first's | bound by |", "|---|---:|---|---:|---:|---:|---:|---:|---:|---|"]
    base = {(r["network"], r["batch"]): r["efficiency"] for r in rows if r["gpu"] == first}
    for row in rows:
        copies = row["steps_of_epoch"] * (row["host_copy_time"] + row["host_copy_back_time"])
        ratio = row["efficiency"] / base[row["network"], row["batch"]]
        lines.append(
            f"| {row['network']} | {row['batch']} | {row['gpu']} | {row['epoch_time']:.3g} s "
            f"| {copies:.2g} s | {row['epoch_energy']:.4g} J | {row['board_power']:.0f} "
            f"| {row['efficiency']:.4g} | {ratio:.2f} "
            f"| {row['bound']} {100 * row['bound_share']:.0f} % |")
    return "\n".join(lines)


def text(x, y, words, anchor="middle", extra=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{extra}>{words}</text>'


class Panel:
    """Logarithmic axes: the batch in powers of two, the other in powers of ten."""

    def __init__(self, number, rows):
        self.column, self.unit, self.title = PANELS[number]
        self.left = LEFT + number * (PANEL + GAP)
        self.batches = sorted({int(row["batch"]) for row in rows})
        values = [row[self.column] for row in rows]
        self.low = math.floor(math.log10(min(values)))
        self.high = math.ceil(math.log10(max(values)))

    def place(self, batch, value):
        first, last = math.log2(self.batches[0]), math.log2(self.batches[-1])
        x = self.left + (math.log2(batch) - first) / max(last - first, 1) * PANEL
        share = (math.log10(value) - self.low) / (self.high - self.low)
        return x, HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP)

    def axes(self):
        lines = [text(self.left, 24, f"{self.title}, {self.unit}", "start", ' font-weight="bold"')]
        for power in range(self.low, self.high + 1):
            _, y = self.place(self.batches[0], 10 ** power)
            lines.append(f'<line x1="{self.left:.1f}" y1="{y:.1f}" x2="{self.left + PANEL:.1f}" '
                         f'y2="{y:.1f}" stroke="#ddd"/>')
            lines.append(text(self.left - 8, y + 4, f"{10.0 ** power:g}", "end"))
        for batch in self.batches:
            x, y = self.place(batch, 10 ** self.low)
            lines.append(f'<line x1="{x:.1f}" y1="{y}" x2="{x:.1f}" y2="{y + 5}" stroke="#666"/>')
            lines.append(text(x, y + 20, f"{batch}"))
        lines.append(text(self.left + PANEL / 2, HEIGHT - 12, "batch"))
        return lines

    def line(self, rows, style):
        places = [self.place(int(row["batch"]), row[self.column]) for row in rows]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        return f'<polyline points="{path}" fill="none" {style}/>'


def draw(rows):
    networks = list(dict.fromkeys(row["network"] for row in rows))
    gpus = list(dict.fromkeys(row["gpu"] for row in rows))
    panels = [Panel(number, rows) for number in range(len(PANELS))]
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
             'font-family="sans-serif" font-size="13">',
             f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>']
    for panel in panels:
        lines += panel.axes()
    for i, network in enumerate(networks):
        for j, gpu in enumerate(gpus):
            style = (f'stroke="{COLOURS[i % len(COLOURS)]}" stroke-width="2" '
                     f'stroke-dasharray="{DASHES[j % len(DASHES)]}"')
            own = [row for row in rows if row["network"] == network and row["gpu"] == gpu]
            lines += [panel.line(own, style) for panel in panels]
    names = [(name, COLOURS[i % len(COLOURS)], "none") for i, name in enumerate(networks)]
    names += [(name, "#333", DASHES[j % len(DASHES)]) for j, name in enumerate(gpus)]
    x = WIDTH - LEGEND + 20
    for number, (name, colour, dashes) in enumerate(names):
        y = TOP + 14 + 20 * number
        lines.append(f'<line x1="{x}" y1="{y - 4}" x2="{x + 26}" y2="{y - 4}" stroke="{colour}" '
                     f'stroke-width="3" stroke-dasharray="{dashes}"/>')
        lines.append(text(x + 32, y, name, "start"))
    return "\n".join([*lines, "</svg>", ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--table", action="store_true", help="print rows of Markdown")
    parser.add_argument("paths", nargs="+", type=pathlib.Path, help="[OUT.svg] COMPARISON.h5...")
    options = parser.parse_args()
    files = options.paths if options.table else options.paths[1:]
    if not files:
        parser.error("no comparison to draw")
    rows = [row for path in files for row in read_steps(path)]
    if options.table:
        print(table(rows))
    else:
        options.paths[0].write_text(draw(rows))


if __name__ == "__main__":
    main()
