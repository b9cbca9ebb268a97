#!/usr/bin/python3
"""kill_sweep.py STROBE KILLS [SEED]: a sweep is killed (-9) at random instants, again and again.

After each kill: every file under a final name opens and is whole, what was done is still there, and
the next start does not do it again. In the end the output is, byte for byte, that of a sweep nobody
killed. Half of the kills aim at the moments when files are written.
"""

import pathlib
import random
import subprocess
import sys
import tempfile
import time

import h5py

SWEEP = """
target = "hbm2-2000"
[[work]]
pattern = "random"
requests = 4000
[[axis]]
name = "load"
key = "work.load"
range = ["10 GB/s", "200 GB/s"]
step = "10 GB/s"
[[axis]]
name = "depth"
key = "controller.read_queue"
values = [16, 64]
"""
RUNS = 40


def sweep(strobe, folder, output):
    return [strobe, "sweep", folder / "sweep.toml", "-o", output, "-q"]


def whole_parts(output):
    """Names of the parts, each of which must open and be complete."""
    parts = sorted(pathlib.Path(f"{output}.parts").glob("*.h5"))
    for part in parts:
        with h5py.File(part) as file:
            assert file.attrs["complete"] == 1 and "seal" in file.attrs, part
            numbers = dict(zip(file["name"].asstr(), file["value"][0]))
            assert file["status"][0] == b"done" and numbers["time"] > 0, part
    return {part.name: part.stat().st_mtime_ns for part in parts}


def kill_once(command, output, chance, longest):
    """Starts the sweep and kills it; whether it was still alive."""
    process = subprocess.Popen(command)
    before = len(list(pathlib.Path(f"{output}.parts").glob("*.h5")))
    if chance.random() < 0.5:
        time.sleep(chance.uniform(0, longest))
    else:  # as soon as something is being written
        while process.poll() is None:
            folder = pathlib.Path(f"{output}.parts")
            if list(folder.glob("*.tmp")) or len(list(folder.glob("*.h5"))) > before:
                break
    alive = process.poll() is None
    process.kill()
    process.wait()
    return alive


def main():
    strobe, kills = pathlib.Path(sys.argv[1]).resolve(), int(sys.argv[2])
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "sweep.toml").write_text(SWEEP)
        reference = folder / "reference.h5"
        began = time.monotonic()
        subprocess.run(sweep(strobe, folder, reference), check=True)
        longest = time.monotonic() - began
        killed, rounds, leftovers = 0, 0, 0
        while killed < kills:
            output = folder / f"out-{rounds}.h5"
            rounds += 1
            there = {}
            for _ in range(200):
                alive = kill_once(sweep(strobe, folder, output), output, chance, longest / 4)
                killed += alive
                now = whole_parts(output)
                assert all(now.get(part) == written for part, written in there.items()), "redone"
                leftovers += len(list(folder.rglob("*.tmp")))
                there = now
                if not alive or killed >= kills:
                    break
            if not output.exists():
                subprocess.run(sweep(strobe, folder, output), check=True)
            now = whole_parts(output)
            assert len(now) == RUNS, len(now)
            assert all(now[part] == written for part, written in there.items()), "redone"
            assert output.read_bytes() == reference.read_bytes(), "other bytes"
            assert not list(folder.rglob("*.tmp")), "temporary files are left"
        print(f"killed {killed} times in {rounds} sweeps of {RUNS} runs (seed {seed}), "
              f"{leftovers} files half written: every output is the same bytes")


if __name__ == "__main__":
    main()
