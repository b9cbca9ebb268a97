#!/usr/bin/python3
"""batch_test.py STROBE MAN_PAGE: what scripts rely on. --json is JSON with names that stay, and the
manual page and the shell completion know every command and option that --help knows."""

import csv
import json
import math
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

MAN_PAGE = pathlib.Path(sys.argv.pop())
STROBE = pathlib.Path(sys.argv.pop()).resolve()
SWEEP = """
target = "hbm2-2000"
[[work]]
pattern = "random"
requests = 100
[[axis]]
name = "load"
key = "work.load"
values = ["4 GB/s", "16 GB/s"]
"""


def run(*words):
    return subprocess.run([STROBE, *map(str, words)], capture_output=True, text=True)


def help_of(*words):
    done = run(*words, "--help")
    assert done.returncode == 0, done.stderr
    return done.stdout


def commands():
    return re.findall(r"^  ([a-z]+) ", help_of(), re.M)


class Batch(unittest.TestCase):
    def result(self, *words):
        done = run(*words, "--json")
        self.assertEqual((done.returncode, done.stderr.count("error")), (0, 0), done.stderr)
        self.assertEqual(done.stdout.count("\n"), 1)
        return json.loads(done.stdout, parse_constant=self.fail)

    def test_a_run_on_a_gpu_has_the_names_of_its_file(self):
        told = self.result("run", "v100-pcie-32gb", "traces/small/copy")
        self.assertEqual((told["schema"], told["gpu"]), ("strobe-run", "v100-pcie-32gb"))
        kernel = told["kernels"][0]
        self.assertEqual(kernel["time"], told["total"]["time"])
        self.assertEqual(kernel["bound_by"], "grid")
        self.assertEqual(sum(kernel["warp_time_ps"].values()), kernel["resident_ps"])
        self.assertIn("l2.hit", kernel["memory_wait_ps"])

    def test_metrics_of_nsight_compute_are_the_same_as_a_table_and_as_json(self):
        with tempfile.TemporaryDirectory() as name:
            file = pathlib.Path(name) / "metrics.csv"
            told = self.result("run", "v100-pcie-32gb", "traces/small/copy", "--nsight", file)
            names, units, values = csv.reader(file.read_text().splitlines())
            self.assertEqual(names[:4], ["ID", "Kernel Name", "Block Size", "Grid Size"])
            table = dict(zip(names[4:], map(float, values[4:])))
            self.assertEqual(dict(zip(names, units))["dram__bytes_read.sum"], "byte")
            for metric, value in told["kernels"][0]["nsight"].items():
                self.assertEqual(math.isnan(table[metric]), value is None, metric)
                if value is not None:
                    self.assertAlmostEqual(table[metric], value, delta=1e-9 * abs(value))
            self.assertEqual(len(table), len(told["kernels"][0]["nsight"]))
        refused = run("run", "v100-pcie-32gb", "traces/small/copy", "--nsight", "/no/such/folder/x")
        self.assertEqual(refused.returncode, 2)

    def test_runs_of_a_part_have_the_names_of_their_files(self):
        words = ("run", "hbm2-2000", "--pattern", "seq", "--requests", 100)
        self.assertEqual(self.result(*words)["memory"]["requests"], 100)
        self.assertIsNone(self.result(*words)["memory"]["offered_bandwidth"])
        self.assertEqual(len(self.result(*words, "--sweep-load")["loads"]), 16)

    def test_what_can_be_run_on_is_listed(self):
        gpus = self.result("gpus")
        self.assertIn("hbm2-2000", gpus["parts"])
        self.assertIn("gb10", [gpu["name"] for gpu in gpus["gpus"]])
        shown = self.result("show", "gb10")
        self.assertIn("sm.clock", [number["key"] for number in shown["config"]])
        shown = self.result("show", "hbm2-2000", "--set", "geometry.channels=3")
        self.assertEqual(shown["dram_peak_bandwidth"], 96e9)
        channels = next(n for n in shown["config"] if n["key"] == "geometry.channels")
        self.assertEqual((channels["value"], channels["from"]), ("3", "assumed"))

    def test_traces_are_told_of(self):
        facts = self.result("trace", "info", "traces/small/copy")
        self.assertEqual(facts["kernels"][0]["requests"]["global_load"],
                         facts["total"]["requests"]["global_load"])
        self.assertTrue(self.result("trace", "check", "traces/small/copy")["whole"])

    def test_layers_and_figures_are_told_of(self):
        with tempfile.TemporaryDirectory() as name:
            layers = pathlib.Path(name) / "layers.csv"
            layers.write_text("op,shape,dtype,latency_us\nadd,rows=8;cols=256,fp32,5.0\n"
                              "add,rows=16;cols=256,fp32,\n")
            told = self.result("predict", "v100-pcie-32gb", "--layers", layers)
        self.assertAlmostEqual(told["layers"][0]["measured_time"], 5e-6, delta=1e-12)
        self.assertIsNone(told["layers"][1]["measured_time"])
        self.assertEqual(told["layers"][1]["text"], "add rows=16 cols=256 dtype=fp32")
        told = self.result("validate", "v100-pcie-16gb", "--suite", "latency", "--quick")
        self.assertIs(told["as_expected"], True)
        self.assertEqual({row["unit"] for row in told["figures"]}, {"ns"})

    def test_a_mistyped_gpu_or_suite_is_told_with_what_there_is(self):
        for words, told in ((("v100-pcie-16g",), "did you mean v100-pcie-16gb"),
                            (("--suite", "layer"), "latency, capacity"),
                            (("--suite", "layer"), "layers, power, networks"),
                            (("v100-pcie-16g", "--suite", "power"), "did you mean")):
            done = run("validate", *words)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertIn(told, done.stderr)

    def test_sweeps_are_told_of(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "s.toml").write_text(SWEEP)
            plan = self.result("sweep", folder / "s.toml", "-n")
            self.assertEqual([each["label"] for each in plan["runs"]],
                             ["load=4 GB/s", "load=16 GB/s"])
            told = self.result("sweep", folder / "s.toml", "-o", folder / "a.h5", "-q")
            self.assertEqual((told["complete"], told["done"], told["failed"]), (True, 2, []))
            merged = self.result("merge", folder / "a.h5", "-o", folder / "b.h5")
            self.assertEqual((merged["done"], merged["failed"]), (2, 0))

    def test_the_manual_page_has_every_command_and_option(self):
        page = MAN_PAGE.read_text().replace("\\-", "-")
        for command in commands():
            self.assertIn(f".SH STROBE {command.upper()}\n", page)
            for option in re.findall(r"--[a-z][a-z-]+", help_of(command)):
                self.assertIn(option, page)
        if shutil.which("groff"):
            done = subprocess.run(["groff", "-man", "-ww", "-z", "-Tutf8", MAN_PAGE],
                                  capture_output=True, text=True)
            self.assertEqual(done.stderr, "")

    def completed(self, *words):
        script = ("source tools/completion.bash; COMP_WORDS=(\"$@\"); "
                  "COMP_CWORD=$(($# - 1)); _strobe; printf '%s\\n' \"${COMPREPLY[@]}\"")
        done = subprocess.run(["bash", "-c", script, "bash", STROBE, *words],
                              capture_output=True, text=True)
        self.assertEqual(done.stderr, "")
        return done.stdout.split()

    def test_the_shell_completes_commands_options_and_names(self):
        self.assertEqual(self.completed("sw"), ["sweep"])
        self.assertEqual(set(self.completed("")), set(commands()))
        self.assertIn("--shard", self.completed("sweep", "x.toml", "--sh"))
        self.assertEqual(self.completed("trace", "gen"), ["generate"])
        self.assertIn("--lane-bytes", self.completed("trace", "generate", "--la"))
        self.assertEqual(self.completed("run", "hbm2-2000"), ["hbm2-2000"])
        self.assertIn("gb10", self.completed("show", "gb"))


if __name__ == "__main__":
    unittest.main()
