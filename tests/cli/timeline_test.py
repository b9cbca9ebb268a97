"""strobe run --timeline: the file is what Perfetto's JSON importer takes, its slices nest, and it
says what the result file says.

    timeline_test.py STROBE
"""

import collections
import json
import pathlib
import subprocess
import sys
import tempfile

import h5py

STROBE = sys.argv[1]


def run(folder, *words):
    timeline, result = folder / "t.json", folder / "r.h5"
    subprocess.run([STROBE, "run", *words, "--timeline", str(timeline), "-o", str(result), "-q"],
                   check=True)
    return json.loads(timeline.read_text()), h5py.File(result)


def check_form(trace):
    """Trace Event Format: phases with what they need, names for every row, slices that nest."""
    rows, named = collections.defaultdict(list), set()
    for event in trace["traceEvents"]:
        assert event["ph"] in "MXC" and isinstance(event["name"], str), event
        assert isinstance(event["pid"], int) and isinstance(event["tid"], int), event
        assert event["ts"] >= 0, event
        if event["ph"] == "M":
            named.add((event["pid"], event["tid"] if event["name"] == "thread_name" else None))
        if event["ph"] == "X":
            rows[event["pid"], event["tid"]].append((event["ts"], event["ts"] + event["dur"]))
        if event["ph"] == "C":
            assert event["args"] and all(value >= 0 for value in event["args"].values()), event
    for row, slices in rows.items():
        assert row in named and (row[0], None) in named, f"{row} has no name"
        slices.sort()
        for (_, end), (start, _) in zip(slices, slices[1:]):
            assert end <= start + 1e-6, f"slices of {row} overlap"
    return rows


def slices_of(trace, process_name, row_name):
    names = {(e["pid"], e["tid"]): e["args"]["name"] for e in trace["traceEvents"]
             if e["name"] == "thread_name"}
    processes = {e["pid"]: e["args"]["name"] for e in trace["traceEvents"]
                 if e["name"] == "process_name"}
    return [e for e in trace["traceEvents"] if e["ph"] == "X" and
            processes[e["pid"]].startswith(process_name) and
            names[e["pid"], e["tid"]].startswith(row_name)]


def check_against_result(trace, result):
    kernels = slices_of(trace, "Tesla", "kernels")
    assert [e["name"] for e in kernels] == list(result["kernels/name"].asstr())
    for event, start, end in zip(kernels, result["kernels/start_ps"], result["kernels/end_ps"]):
        assert round(event["ts"] * 1e6) == start
        assert round((event["ts"] + event["dur"]) * 1e6) == end
    copies = slices_of(trace, "Tesla", "host copies")
    assert [e["args"]["bytes"] for e in copies] == list(result["copies/bytes"])

    ctas = slices_of(trace, "SM ", "CTA slot")
    assert len(ctas) == sum(result["kernels/sm_ctas"]), "all CTAs of a small grid are there"
    for event in ctas:
        kernel = kernels[event["args"]["kernel"]]
        assert kernel["ts"] <= event["ts"] and event["dur"] > 0
        assert event["ts"] + event["dur"] <= kernel["ts"] + kernel["dur"]

    read = [e for e in trace["traceEvents"] if e["name"] == "DRAM GB/s"]
    bandwidth = result["intervals/dram_read_bandwidth"][:].sum(axis=1)
    assert len(read) == len(bandwidth)
    for event, rate in zip(read, bandwidth):
        assert abs(event["args"]["read"] * 1e9 - rate) <= 1e-6 * max(rate, 1)
    warps = [e for e in trace["traceEvents"] if e["name"] == "resident warps"]
    in_states = result["intervals/warp_time_ps"][:].sum(axis=1)
    interval = round(result["intervals/time"][1] * 1e12)
    assert len(warps) == len(in_states)
    for event, time in zip(warps, in_states):
        assert abs(sum(event["args"].values()) * interval - time) <= 1e-6 * max(time, 1)


def main():
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        trace, result = run(folder, "v100-pcie-32gb", "traces/small/vectoradd")
        check_form(trace)
        check_against_result(trace, result)
        # More CTAs than are shown: the first ones, and the kernel says how many there were.
        subprocess.run([STROBE, "trace", "generate", "copy", str(folder / "many"),
                        "--bytes", "2688K", "--warps", "1", "--lane-bytes", "4",
                        "--architecture", "70"], check=True, stdout=subprocess.DEVNULL)
        trace, result = run(folder, "v100-pcie-32gb", str(folder / "many"))
        check_form(trace)
        kernel = slices_of(trace, "Tesla", "kernels")[0]
        assert kernel["args"]["ctas"] == result["kernels/sm_ctas"][0] == 21504
        assert kernel["args"]["ctas_shown"] == len(slices_of(trace, "SM ", "CTA slot")) == 20000
        # A layer whose waves are sampled says so.
        trace, result = run(folder, "v100-pcie-32gb", "--layer", "relu rows=6144 cols=2048")
        check_form(trace)
        assert result["kernels/left_out_ctas"][0] > 0
        left_out = [e for e in trace["traceEvents"] if e["name"] == "left out by sampling"]
        assert len(left_out) == 1
        assert round(left_out[0]["dur"] * 1e6) == result["kernels/left_out_ps"][0]
    print("timelines: as they should be")


main()
