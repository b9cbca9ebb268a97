#!/usr/bin/python3
"""sweep_test.py STROBE: a sweep ends in one file that xarray plots as it is, goes on where it was
stopped, is the same bytes however it was cut up, and says what is wrong in one line."""

import fcntl
import importlib.util
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

STROBE = pathlib.Path(sys.argv.pop(1)).resolve()
HAS_XARRAY = all(importlib.util.find_spec(name) for name in ("xarray", "h5netcdf"))

MEMORY = """
target = ["hbm2-2000", "lpddr5-6400"]
[[work]]
pattern = "random"
requests = 300
[[axis]]
name = "load"
key = "work.load"
values = ["4 GB/s", "16 GB/s"]
[[axis]]
name = "depth"
key = "controller.read_queue"
range = [8, 64]
factor = 2
"""
RUNS = 16

GPU = """
target = "v100-pcie-32gb"
where = "l2_size >= 3 MiB or ways == 12"
[[work]]
name = "copy"
trace = "TRACE"
[[work]]
pattern = "gather"
bytes = "32 KiB"
[[axis]]
name = "l2_size"
values = ["1536 KiB", "6 MiB"]
[[axis]]
name = "ways"
key = "l2.ways"
values = [12, 24]
[derived]
l2.capacity = "l2_size / 64"
"""

NETWORKS = """
target = "v100-pcie-16gb"
[[work]]
name = "softmax"
layer = "softmax rows=64 cols=64"
[[work]]
network = "mine.toml"
train = true
[[work]]
name = "too large"
network = "llama-3.1-70b"
phase = "decode"
dtype = "fp16"
"""


class Sweep(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        self.file = self.folder / "sweep.toml"
        self.file.write_text(MEMORY)
        self.out = self.folder / "out.h5"

    def run_strobe(self, *words):
        return subprocess.run([STROBE, *map(str, words)], capture_output=True, text=True)

    def sweep(self, *words, status=0, out=None):
        done = self.run_strobe("sweep", self.file, "-o", out or self.out, *words)
        self.assertEqual(done.returncode, status, done.stderr)
        return done

    def refused(self, *words):
        done = self.run_strobe(*words)
        self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        return done.stderr

    def parts(self, out=None):
        return sorted(pathlib.Path(f"{out or self.out}.parts").glob("*.h5"))

    def test_jobs_and_shards_do_not_show_in_the_file(self):
        self.sweep("-q")
        whole = self.out.read_bytes()
        several = self.folder / "several.h5"
        self.sweep("-q", "-j", 2, out=several)
        self.assertEqual(several.read_bytes(), whole)
        shards = [self.folder / f"shard-{i}.h5" for i in (1, 2, 3)]
        for i, shard in enumerate(shards, 1):
            self.sweep("-q", "--shard", f"{i}/3", out=shard)
        merged = self.folder / "merged.h5"
        done = self.run_strobe("merge", *shards, "-o", merged)
        told = f"{merged}: 16 runs, 16 done, 0 failed\n"
        self.assertEqual((done.returncode, done.stdout), (0, told))
        self.assertEqual(merged.read_bytes(), whole)
        self.assertIn("shards that are missing: 2 of 3",
                      self.refused("merge", shards[0], shards[2], "-o", merged))
        self.file.write_text(MEMORY.replace("300", "301"))
        self.sweep("-q", "--shard", "2/3", out=shards[1])
        self.assertIn("shard-2.h5: is of another sweep",
                      self.refused("merge", *shards, "-o", merged))
        shards[1].write_bytes(shards[0].read_bytes()[:-200])
        self.assertIn("shard-2.h5: is damaged", self.refused("merge", *shards, "-o", merged))
        self.assertEqual(merged.read_bytes(), whole)

    def test_only_what_is_missing_or_changed_is_run_again(self):
        self.sweep()
        whole = self.out.read_bytes()
        self.assertEqual(len(self.parts()), RUNS)
        self.parts()[3].unlink()
        self.parts()[5].write_bytes(b"half a file")
        self.assertIn(f"{RUNS} runs, {RUNS - 2} of them done already", self.sweep().stderr)
        self.assertEqual(self.out.read_bytes(), whole)
        self.file.write_text(MEMORY.replace('"16 GB/s"', '"16 GB/s", "32 GB/s"'))
        self.assertIn(f"24 runs, {RUNS} of them done already", self.sweep().stderr)

    @unittest.skipUnless(HAS_XARRAY, "xarray or h5netcdf is not installed")
    def test_the_file_is_a_dataset_with_the_swept_values_as_coordinates(self):
        import xarray
        trace = pathlib.Path("traces/small/copy").resolve()
        self.file.write_text(GPU.replace("TRACE", str(trace)))
        self.sweep()
        with xarray.open_dataset(self.out, engine="h5netcdf") as sweep:
            self.assertEqual(sweep.time.dims, ("work", "l2_size", "ways"))
            one = sweep.time.sel(l2_size="6 MiB", work="copy")
            self.assertEqual(list(one.ways.values), [12, 24])
            self.assertTrue(bool((one > 0).all()))
            self.assertEqual(sweep.time.attrs["units"], "s")
            self.assertEqual(list(sweep.l2_size_value.values), [1536 * 1024, 6 << 20])
            self.assertEqual(list(sweep.coords["l2_capacity"].values), ["24 KiB", "96 KiB"])
            left_out = sweep.sel(l2_size="1536 KiB", ways=24)
            self.assertEqual(set(left_out.status.values), {"excluded"})
            self.assertTrue(bool(left_out.time.isnull().all()))
            states = sweep.warp_time_ps.sel(l2_size="6 MiB")
            self.assertTrue(bool((states.sum("warp_state") == sweep.resident_ps.sel(
                l2_size="6 MiB")).all()))
        alone = self.folder / "run.h5"
        self.run_strobe("run", "v100-pcie-32gb", trace, "-q", "-o", alone)
        with xarray.open_dataset(alone, engine="h5netcdf", group="kernels") as run:
            self.assertEqual(float(run.time[0]), float(one.sel(ways=24)))

    def test_a_run_that_fails_is_recorded_and_stops_no_other(self):
        self.file.write_text(MEMORY.replace('pattern = "random"\nrequests = 300', 'trace = "t.txt"')
                             .replace('values = ["4 GB/s", "16 GB/s"]', 'values = ["4 GB/s"]'))
        (self.folder / "t.txt").write_text("0x0 R\n0x40 R\nnonsense\n")
        done = self.sweep(status=1)
        self.assertEqual(done.stdout.count("t.txt:3: "), 8)
        self.assertIn("out.h5: 8 runs, 0 done, 8 failed", done.stdout)
        self.assertTrue(self.out.exists())

    @unittest.skipUnless(HAS_XARRAY, "xarray or h5netcdf is not installed")
    def test_a_step_of_a_network_is_what_predict_says_and_one_too_large_stops_no_other(self):
        import xarray
        mine = self.folder / "mine.toml"
        shutil.copy("configs/networks/mlp.toml", mine)
        self.file.write_text(NETWORKS)
        done = self.sweep(status=1)
        self.assertIn("failed: work=too large: llama-3.1-70b with batch 1 needs ", done.stdout)
        told = json.loads(self.run_strobe("predict", "v100-pcie-16gb", mine, "--train",
                                          "--json").stdout)
        with xarray.open_dataset(self.out, engine="h5netcdf") as sweep:
            self.assertEqual(list(sweep.status.values), ["done", "done", "failed"])
            step, layer = sweep.sel(work="mine.toml"), sweep.sel(work="softmax")
            for column, key in (("time", "kernel_time"), ("step_time", "step_time"),
                                ("critical_path", "critical_path"), ("memory_bytes",) * 2,
                                ("host_copy_time",) * 2, ("host_copy_back_time",) * 2,
                                ("steps_of_epoch",) * 2):
                self.assertEqual(float(step[column]), told[key], column)
            self.assertEqual(int(step.kernels), sum(row["launches"] for row in told["operations"]))
            moved = sum(row["dram_read_bytes"] for row in told["operations"])
            self.assertAlmostEqual(float(step.dram_read_bandwidth * step.time) / moved, 1)
            for column in ("l2_read_hit_rate", "tokens_per_second"):
                self.assertTrue(bool(step[column].isnull()), column)
            for column in ("board_energy", "board_energy_idle", "dram_energy"):
                rows = told if column.startswith("board") else {
                    column: sum(row[column] for row in told["operations"])}
                self.assertAlmostEqual(float(step[column]) / rows[column], 1, 9, column)
            self.assertAlmostEqual(float(step.warp_time_ps.sum() / step.resident_ps), 1, 6)
            self.assertTrue(bool(layer.step_time.isnull() and layer.dram_energy > 0))
            formats = pathlib.Path("docs/FORMATS.md").read_text()
            names = list(sweep.variables)
            for name in names[names.index("step_time"):]:
                about = sweep[name].attrs
                row = f"| `{name}` | x | float64 | {about['units']} | {about['long_name']} |  |"
                self.assertIn(row, formats)
        self.sweep("-q", "-j", 2, status=1, out=self.folder / "again.h5")
        self.assertEqual((self.folder / "again.h5").read_bytes(), self.out.read_bytes())
        mine.write_text(mine.read_text() + "\n# another file\n")
        self.assertIn("3 runs, 1 of them done already", self.sweep(status=1).stderr)

    def test_a_second_sweep_on_the_same_output_is_refused(self):
        self.sweep("-q")
        with open(f"{self.out}.parts/lock", "r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.assertIn("another sweep is writing",
                          self.refused("sweep", self.file, "-o", self.out))
        self.sweep("-q")

    def start(self):
        """A sweep that is under way: its first run is on disk."""
        self.file.write_text(MEMORY.replace("300", "20000"))
        process = subprocess.Popen([STROBE, "sweep", self.file, "-o", self.out, "-q"])
        while process.poll() is None and not self.parts():
            time.sleep(0.002)
        return process

    def test_what_was_done_when_it_was_killed_is_not_done_again(self):
        process = self.start()
        process.kill()
        process.wait()
        there = len(self.parts())
        self.assertIn(f"{RUNS} runs, {there} of them done already", self.sweep().stderr)
        self.assertEqual(list(self.folder.rglob("*.tmp")), [])
        killed = self.out.read_bytes()
        fresh = self.folder / "fresh.h5"
        self.sweep("-q", out=fresh)
        self.assertEqual(killed, fresh.read_bytes())

    def test_interrupted_it_finishes_what_is_under_way_and_says_so(self):
        for number, status in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            shutil.rmtree(f"{self.out}.parts", ignore_errors=True)
            process = self.start()
            process.send_signal(number)
            self.assertEqual(process.wait(), status)
            self.assertFalse(self.out.exists())
            self.assertGreater(len(self.parts()), 0)

    def test_nothing_is_left_under_the_name_of_an_output_that_cannot_be_written(self):
        self.assertIn("is a directory", self.refused("sweep", self.file, "-o", self.folder))
        nowhere = self.folder / "a/b.h5"
        self.assertIn("No such file", self.refused("sweep", self.file, "-o", nowhere))
        self.assertEqual(os.listdir(self.folder), ["sweep.toml"])
        self.assertIn("cannot write", self.refused("sweep", self.file, "-o", "/proc/out.h5"))

    def test_the_dry_run_prints_the_plan_and_touches_nothing(self):
        done = self.run_strobe("sweep", self.file, "-n")
        self.assertEqual(done.returncode, 0)
        self.assertEqual(len(done.stdout.splitlines()), RUNS + 1)
        self.assertIn("target=hbm2-2000 load=16 GB/s depth=64", done.stdout)
        self.assertRegex(done.stdout.splitlines()[-1], r"^16 runs; about .* of one core$")
        own = []
        for i in range(1, 6):
            share = self.run_strobe("sweep", self.file, "-n", "--shard", f"{i}/5")
            own += share.stdout.splitlines()[:-1]
        self.assertEqual(sorted(own), sorted(done.stdout.splitlines()[:-1]))

    def test_mistakes_are_refused_before_anything_runs(self):
        for text, told in ((MEMORY.replace("read_queue", "read_queu"),
                            "sweep.toml:13:10: unknown key "),
                           (MEMORY.replace("4 GB/s", "4 GB"), "sweep.toml:9:11: "),
                           (MEMORY + "[derived]\ntiming.tRP = \"depht * 1 ns\"", "sweep.toml:16:")):
            self.file.write_text(text)
            self.assertIn(told, self.refused("sweep", self.file, "-o", self.out))
            self.assertEqual(os.listdir(self.folder), ["sweep.toml"])
        for words, told in ((("-o", self.out, "--shard", "9/8"), "--shard must be I/N"),
                            (("-o", self.out, "--shard", "0/8"), "--shard must be I/N"),
                            (("-o", self.out, "-j", "0"), "--jobs must be")):
            self.assertIn(told, self.refused("sweep", self.file, *words))
        self.assertEqual(self.run_strobe("sweep", self.file).returncode, 2)

    def test_the_sweeps_that_are_shipped_can_be_run(self):
        for file in sorted(pathlib.Path("configs/sweeps").glob("*.toml")):
            with self.subTest(file=file.name):
                self.assertEqual(self.run_strobe("sweep", file, "-n").returncode, 0)


if __name__ == "__main__":
    unittest.main()
