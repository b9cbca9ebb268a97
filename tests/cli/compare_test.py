#!/usr/bin/python3
"""compare_test.py STROBE: GPUs side by side, and what is refused before anything is simulated."""

import json
import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest

import h5py

STROBE = pathlib.Path(sys.argv.pop()).resolve()
GPUS = ("v100-pcie-32gb", "m2-max-30c")
HUGE = """
[network]
title = "more than any memory"
input = [1000000]
[[layer]]
op = "linear"
out = 1000000
"""


def compare(*words):
    return subprocess.run([STROBE, "compare", *map(str, words)], capture_output=True, text=True)


class Compare(unittest.TestCase):
    def test_rows_are_by_network_batch_and_gpu_and_alike_in_file_and_json(self):
        with tempfile.TemporaryDirectory() as name:
            out = pathlib.Path(name) / "rows.h5"
            done = compare(*GPUS, "--network", "mlp", "--batch", "1,2", "-o", out, "--json")
            self.assertEqual(done.returncode, 0, done.stderr)
            rows = json.loads(done.stdout)["steps"]
            self.assertEqual([(row["batch"], row["gpu"]) for row in rows],
                             [(1, GPUS[0]), (1, GPUS[1]), (2, GPUS[0]), (2, GPUS[1])])
            with h5py.File(out) as file:
                self.assertEqual(list(file["steps/step_time"]), [row["step_time"] for row in rows])
                self.assertEqual(list(file["steps/epoch_energy"].attrs["units"]), list("J"))
                self.assertEqual(list(file["steps/board_energy"]),
                                 [row["board_energy"] for row in rows])
        alone = subprocess.run([STROBE, "predict", GPUS[1], "mlp", "--batch", "2", "--json"],
                               capture_output=True, text=True)
        self.assertEqual(json.loads(alone.stdout)["step_time"], rows[3]["step_time"])
        self.assertEqual(rows[3]["host_copy_time"], 0)
        self.assertEqual(rows[3]["host_copy_back_time"], 0)
        self.assertGreater(rows[2]["host_copy_back_time"], 0)

    def test_interrupted_it_leaves_neither_an_output_nor_a_part_of_one(self):
        with tempfile.TemporaryDirectory() as name:
            out = pathlib.Path(name) / "rows.h5"
            for words in (("compare", *GPUS, "--network"), ("predict", GPUS[0])):
                running = subprocess.Popen([STROBE, *words, "resnet50", "--batch", "32", "--train",
                                            "-o", out], stdout=subprocess.DEVNULL)
                with self.assertRaises(subprocess.TimeoutExpired):  # it is busy
                    running.wait(0.3)
                running.send_signal(signal.SIGINT)
                self.assertIn(running.wait(), (-signal.SIGINT, 130))
                self.assertEqual(list(pathlib.Path(name).iterdir()), [])

    def test_what_does_not_fit_is_a_row(self):
        with tempfile.TemporaryDirectory() as name:
            huge = pathlib.Path(name) / "huge.toml"
            huge.write_text(HUGE)
            done = compare(*GPUS, "--network", huge)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.count("needs "), 2)

    def test_what_is_wrong_is_one_error_before_any_work(self):
        for words, why in (((GPUS[0], "m2-maxx", "--network", "mlp"), "m2-maxx"),
                           ((*GPUS, "--network", "mlp,no-such"), "no-such"),
                           ((*GPUS,), "missing --network"),
                           ((GPUS[0], "--network", "mlp"), "missing GPU"),
                           ((*GPUS, "--network", "mlp", "--batch", "1,,2"), "empty"),
                           ((*GPUS, "--network", "mlp", "--batch", "0"), "at least 1"),
                           ((*GPUS, "--network", "mlp,mlp"), "twice")):
            done = compare(*words)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertEqual(done.stderr.count("strobe:"), 1)
            self.assertIn(why, done.stderr)


if __name__ == "__main__":
    unittest.main()
