#!/usr/bin/python3
"""Runs memory parts alone on what other DRAM simulators and real GPUs have been measured on, and
writes both beside each other into RESULTS.md.

    compare.py STROBE [--streams]

Figures of the others are in ../measured/dram_simulators.csv and dram_streams.csv, with their
sources. Nothing in a part is fitted to them. Where Strobe and Ramulator 2.1 differ by more than
5 %, the part is run again with Ramulator's refresh, queues or timings in place of its own, one at a
time and all at once, so that a cause is shown and not supposed. Fails when a GPU's stream is more
than 3 % off and not known to be (validation/DEVIATIONS.md), or known to be and no longer is;
streams that something else than the memory bounded on hardware have the whole GPU's difference
beside them instead. With --streams only these are run, and nothing is written.
"""

import argparse
import csv
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile

import h5py

from theirs import CHANNELS, CHANNELS_CHANGED, QUEUES, REFRESH, TIMINGS

HOME = pathlib.Path(__file__).resolve().parent
ROOT = HOME.parent.parent
TRACES = ("seq", "rand", "stride", "mixed")
LOW_LOAD = "rand, one per 100 ns"
CHANGES = ("refreshes", "queues", "timings")
FAR, STREAM_TOLERANCE = 0.05, 0.03
LINE, BLOCK, ARRAY = 128, 8192, 1 << 31
STREAM_REQUESTS = 500_000
# GPUs that keep check bits in their memory as they ship (configs/gpu), by the bursts of them that
# their controllers keep.
INLINE_ECC = {"t4": 0}
MIXES = {"read": (1, 0), "write": (0, 1), "1:1": (1, 1), "2:1": (2, 1), "3:1": (3, 1)}


def run(strobe, part, *words):
    """What a run's file says, as plain numbers: GB/s, ns, shares."""
    with tempfile.TemporaryDirectory() as folder:
        output = pathlib.Path(folder) / "out.h5"
        subprocess.run([strobe, "run", "-q", part, *map(str, words), "-o", output], check=True)
        with h5py.File(output) as file:
            memory = {name: item[0] for name, item in file["memory"].items()}
    rows = sum(memory[f"row_{kind}"] for kind in ("hits", "misses", "conflicts"))
    return {
        "bandwidth": (memory["read_bandwidth"] + memory["write_bandwidth"]) * 1e-9,
        "share": memory["share_of_pins"],
        "read_latency_mean": memory["read_latency_mean"] * 1e9,
        "read_latency_p99": memory["read_latency_p99_ps"] * 1e-3,
        "rows": tuple(memory[f"row_{kind}"] / rows for kind in ("hits", "misses", "conflicts")),
    }


def run_trace(strobe, part, trace):
    if trace == LOW_LOAD:
        return run(strobe, part, "--pattern", "rand", "--requests", 20_000, "--rate", "0.32GB/s")
    return run(strobe, part, "--pattern", trace, "--requests", 1_000_000)


def changed(values):
    return "".join(f'{key} = {{ value = {value}, from = "assumed", source = "a comparison" }}\n'
                   for key, value in values.items())


def variant(folder, part, changes):
    """A part file with the channels of the others' run and some of Ramulator's choices."""
    if not changes and part not in CHANNELS_CHANGED:
        return part
    text = f'extends = "{part}"\n\n'
    text += "[geometry]\n" + changed({"channels": CHANNELS[part]})
    if "timings" in changes:
        timings = {key: f'"{value}"' for key, value in TIMINGS[part].items()}
        text += "\n[timing]\n" + changed(timings)
    if "refreshes" in changes:
        text += "\n[refresh]\n" + changed(REFRESH)
    if "queues" in changes:
        text += "\n[controller]\n" + changed(QUEUES[part])
    path = folder / f"{part}-{'-'.join(changes) or 'itself'}.toml"
    path.write_text(text)
    return path


def published():
    """{part: {simulator: {trace: {metric: value}}}}"""
    found = {}
    with (HOME.parent / "measured/dram_simulators.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            of_part = found.setdefault(row["part"], {})
            of_trace = of_part.setdefault(row["simulator"], {}).setdefault(row["trace"], {})
            of_trace[row["metric"]] = float(row["value"])
    return found


def rows_text(shares):
    return " / ".join(f"{100 * share:.0f}" for share in shares)


def their_rows(figures):
    counts = [figures.get(f"row_{kind}") for kind in ("hits", "misses", "conflicts")]
    return "-" if None in counts else rows_text([count / sum(counts) for count in counts])


def cells(figures, peak, rows):
    return (f"{figures['bandwidth']:.1f} ({100 * figures['bandwidth'] / peak:.0f} %) | "
            f"{figures['read_latency_mean']:.0f} / {figures['read_latency_p99']:.0f} | {rows}")


def compare_with_simulators(strobe, part, simulators, folder):
    """The table of one part."""
    own = {trace: run_trace(strobe, variant(folder, part, ()), trace)
           for trace in (*TRACES, LOW_LOAD)}
    peak = own["seq"]["bandwidth"] / own["seq"]["share"]
    lines = [f"\n### {part}, {CHANNELS[part]} channels, {peak:.1f} GB/s\n",
             "| trace | simulator | GB/s (of its pins) | latency mean / 99 %, ns | "
             "row hits / misses / conflicts, % | Strobe's bandwidth |",
             "|---|---|---:|---:|---:|---:|"]
    for trace, ours in own.items():
        lines.append(f"| {trace} | **Strobe** | {cells(ours, peak, rows_text(ours['rows']))} | |")
        for simulator, traces in simulators.items():
            theirs = traces.get(trace, {})
            if "bandwidth" not in theirs or "read_latency_p99" not in theirs:
                continue
            their_peak = traces["seq"]["peak"]
            # At low load the bandwidth is the load; elsewhere parts of other rates are compared by
            # their share of the pins.
            relative = (ours["share"] / (theirs["bandwidth"] / their_peak) - 1
                        if trace != LOW_LOAD else 0)
            lines.append(f"| | {simulator} | {cells(theirs, their_peak, their_rows(theirs))} | "
                         f"{relative:+.0%} |")
    if part in TIMINGS:
        lines += ["", *explain(strobe, part, simulators["Ramulator 2.1"], own, folder)]
    return lines


def explain(strobe, part, theirs, own, folder):
    """What Ramulator's choices do to Strobe's numbers, where those are far from Ramulator's."""
    sets = [(change,) for change in CHANGES] + [CHANGES]
    lines = ["| against Ramulator 2.1 | its own | Strobe | with its refreshes | its queues | "
             "its timings | all three | what is left |", "|---|---:|---:|---:|---:|---:|---:|---:|"]
    sentences = []
    for trace, ours in own.items():
        metric = "read_latency_mean" if trace == LOW_LOAD else "bandwidth"
        unit = "ns" if trace == LOW_LOAD else "GB/s"
        goal = theirs.get(trace, {}).get(metric)
        if goal is None or abs(ours[metric] / goal - 1) <= FAR:
            continue
        tried = [run_trace(strobe, variant(folder, part, each), trace)[metric] for each in sets]
        left = tried[-1] / goal - 1
        lines.append(f"| {trace}, {unit} | {goal:.1f} | {ours[metric]:.1f} | " +
                     " | ".join(f"{value:.1f}" for value in tried) + f" | {left:+.0%} |")
        sentences.append(sentence(trace, ours[metric], goal, dict(zip(CHANGES, tried)), left))
    return lines + [""] + sentences if sentences else []


def sentence(trace, ours, goal, tried, left):
    gap = ours - goal
    closes = {change: (ours - value) / gap for change, value in tried.items()}
    main = max(closes, key=closes.get)
    if closes[main] > 1.1:
        cause = f"Ramulator's {main} alone go past its figure"
    elif closes[main] > 0.1:
        cause = f"Ramulator's {main} alone close {closes[main]:.0%} of the difference"
    else:
        cause = "none of the three choices alone closes a tenth of the difference"
    rest = ("all three together close it (shown by these runs)" if abs(left) <= FAR else
            f"with all three {left:+.0%} is left, which is inferred to come from the address "
            "mapping and the order of commands")
    return f"* {trace} ({ours / goal - 1:+.0%}): {cause}; {rest}."


def stream(path, reads, writes, requests):
    """Lines of 128 bytes, as an L2 asks for them. Blocks of 1,024 threads with 8 bytes each, as in
    the benchmarks: 8 KiB of every array in turn."""
    arrays = [(i, False) for i in range(reads)] + [(reads + i, True) for i in range(writes)]
    words = []
    for block in range(requests * LINE // BLOCK // len(arrays)):
        for array, is_write in arrays:
            begin = array * ARRAY + block * BLOCK
            words += [address | is_write << 63
                      for address in range(begin, begin + BLOCK, LINE)]
    path.write_bytes(struct.pack(f"<{len(words)}Q", *words))


def whole_gpu(strobe, folder, row):
    """The difference of the whole GPU from the same measurement, in words, if a suite has it."""
    suite = "bandwidth" if row["mix"] in ("read", "write") else "mix"
    path = folder / f"{row['gpu']}-{suite}.h5"
    if not path.exists():
        subprocess.run([strobe, "validate", row["gpu"], "--suite", suite, "-o", path],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with h5py.File(path) as file:
        figures = file["figures"]
        pairs = dict(zip(figures["measured"][()], figures["simulated"][()]))
    measured = float(row["value"])
    return f"; whole GPU {pairs[measured] / measured - 1:+.1%}" if measured in pairs else ""


def fault_of(row, difference):
    """What is wrong with a stream, if anything. What something else than the memory bounded on
    hardware may be exceeded by the part alone, but must not be missed by it."""
    if row["bound"]:
        return " is less than a GPU was measured to get" if difference < -STREAM_TOLERANCE else None
    is_off = abs(difference) > STREAM_TOLERANCE
    if is_off == (row["deviation"] == "known"):
        return None
    return " is off" if is_off else " is a deviation no more"


def compare_with_hardware(strobe, folder, beside=lambda row: ""):
    """`beside`: what is said of a stream that something else than the memory bounded."""
    with (HOME.parent / "measured/dram_streams.csv").open(newline="") as file:
        measured = list(csv.DictReader(file))
    for mix, (reads, writes) in MIXES.items():
        stream(folder / f"{mix}.bin", reads, writes, STREAM_REQUESTS)
    lines = ["| GPU | part | mix (read:write) | measured, of the pins | Strobe | difference | "
             "bound on hardware by |", "|---|---|---|---:|---:|---:|---|"]
    simulated, wrong = {}, []
    for row in measured:
        kept = INLINE_ECC.get(row["gpu"])
        key = row["part"], row["mix"], kept
        if key not in simulated:
            ecc = () if kept is None else ("--inline-ecc", kept)
            simulated[key] = run(strobe, row["part"], folder / f"{row['mix']}.bin",
                                 "--request-bytes", LINE, *ecc)["share"]
        share = float(row["value"]) / float(row["peak"])
        difference = simulated[key] / share - 1
        bound = "the memory"
        if row["bound"]:
            bound = row["bound"] + beside(row)
        lines.append(f"| {row['gpu']} | {row['part']} | {row['mix']} | {share:.1%} | "
                     f"{simulated[key]:.1%} | {difference:+.1%} | {bound} |")
        if fault := fault_of(row, difference):
            wrong.append(lines[-1] + fault)
    return lines, wrong


def verdict(wrong):
    print("\n".join(wrong) or "every stream is within 3 % or a known deviation")
    return 1 if wrong else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("strobe", type=pathlib.Path)
    parser.add_argument("--streams", action="store_true", help="only the streams of GPUs, in words")
    arguments = parser.parse_args()
    strobe = arguments.strobe.resolve()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        if arguments.streams:
            return verdict(compare_with_hardware(strobe, folder)[1])
        shutil.copytree(ROOT / "configs/dram", folder, dirs_exist_ok=True)
        text = (HOME / "preface.md").read_text().splitlines()
        text += ["", "## Against other simulators"]
        text += (HOME / "simulators.md").read_text().splitlines()
        for part, simulators in published().items():
            text += compare_with_simulators(strobe, part, simulators, folder)
        text += ["", "## Against hardware", ""]
        text += [*(HOME / "hardware.md").read_text().splitlines(), ""]
        streams, wrong = compare_with_hardware(
            strobe, folder, lambda row: whole_gpu(strobe, folder, row))
    (HOME / "RESULTS.md").write_text("\n".join(text + streams) + "\n")
    return verdict(wrong)


if __name__ == "__main__":
    sys.exit(main())
