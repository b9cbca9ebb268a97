#!/usr/bin/python3
"""run_memory_test.py STROBE: the options of `strobe run` for a memory part do what --help says, its
command trace opens in `strobe check`, and what makes no sense is refused with status 2 and one
line."""

import json
import lzma
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

import h5py

STROBE = pathlib.Path(sys.argv.pop(1)).resolve()
PART = "hbm2-2000"


def run(*words, given=None):
    if isinstance(given, bytes):
        done = subprocess.run([STROBE, "run", *map(str, words)], input=given, capture_output=True)
        done.stdout, done.stderr = done.stdout.decode(), done.stderr.decode()
        return done
    return subprocess.run([STROBE, "run", *map(str, words)], input=given, capture_output=True,
                          text=True)


class RunMemory(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.temporary.name)
        self.addCleanup(self.temporary.cleanup)

    def output(self, *words, given=None):
        """What a run without a word leaves in its file: /memory or /loads, and the attributes."""
        path = self.folder / "out.h5"
        done = run(*words, "-q", "-o", path, given=given)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        with h5py.File(path) as file:
            group = file["loads" if "loads" in file else "memory"]
            return {name: item[()] for name, item in group.items()}, dict(file.attrs)

    def refused(self, *words, given=""):
        done = run(*words, given=given)
        self.assertEqual(done.returncode, 2, done.stdout)
        self.assertEqual(done.stdout, "")
        self.assertTrue(done.stderr.startswith("strobe: "))
        return done.stderr

    def test_standard_input_is_the_trace_when_it_is_called_dash(self):
        text = "".join(f"{i * 32:#x} R\n" for i in range(500))
        trace = self.folder / "trace.txt"
        trace.write_text(text)
        piped, attributes = self.output(PART, "-", given=text)
        read, _ = self.output(PART, trace)
        self.assertEqual(piped["finish_ps"], read["finish_ps"])
        self.assertEqual(attributes["trace"], "standard input")
        self.assertIn("standard input:2: ", self.refused(PART, "-", given="0x0 R\nnonsense\n"))

    def test_a_binary_trace_may_be_piped_plain_or_compressed(self):
        words = [i * 4128 % (1 << 20) | (i % 3 == 0) << 63 for i in range(40_000)]
        binary = struct.pack(f"<{len(words)}Q", *words)
        text = "".join(f"{word & ~(1 << 63):#x} {'W' if word >> 63 else 'R'}\n" for word in words)
        ends = {self.output(PART, "-", given=given)[0]["finish_ps"][0]
                for given in (text, binary, lzma.compress(binary))}
        self.assertEqual(len(ends), 1)
        self.assertIn("standard input: the file ends in the middle of a request",
                      self.refused(PART, "-", given=binary[:-3]))

    def test_a_pipe_may_give_a_byte_at_a_time(self):
        pipe = subprocess.Popen([STROBE, "run", PART, "-", "--json"], stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE)
        for byte in struct.pack("<3Q", 0x1000, 0x40 | 1 << 63, 0x2000):
            pipe.stdin.write(bytes([byte]))
            pipe.stdin.flush()
        shown = json.loads(pipe.communicate()[0])
        self.assertEqual((shown["memory"]["bytes_read"], shown["memory"]["bytes_written"]),
                         (64, 32))

    def test_a_pattern_is_the_trace_that_it_stands_for(self):
        trace = self.folder / "stride.bin"
        trace.write_bytes(b"".join(struct.pack("<Q", i * 4128 % (1 << 20)) for i in range(3000)))
        for option in ("stride", "str"):
            made, _ = self.output(PART, "--pattern", option, "--requests", 3000,
                                  "--footprint", "1M")
            read, _ = self.output(PART, trace)
            self.assertEqual(made["finish_ps"], read["finish_ps"])
            self.assertEqual(made["row_hits"], read["row_hits"])

    def test_a_pattern_has_a_million_requests_over_a_gibibyte_unless_said_otherwise(self):
        done = run(PART, "--pattern", "seq")
        self.assertIn("sequential, 1000000 requests of 32 bytes over 1073741824", done.stdout)
        self.assertIn("1,000,000 requests", done.stdout)

    def test_a_part_may_be_a_file_that_only_changes_another(self):
        shutil.copy("configs/dram/hbm2-2000.toml", self.folder)
        own = self.folder / "own.toml"
        own.write_text('extends = "hbm2-2000"\n[geometry]\nchannels = '
                       '{ value = 3, from = "assumed", source = "a test" }\n')
        _, attributes = self.output(own, "--pattern", "seq", "--requests", 100)
        self.assertEqual(attributes["channels"], 3)
        own.write_text('extends = "own"\n')
        self.assertIn("own.toml", self.refused(own, "--pattern", "seq"))

    def test_a_rate_is_what_is_achieved(self):
        for rate in ("40GB/s", "40 GB/s", "40.0GB/s"):
            made, _ = self.output(PART, "--pattern", "rand", "--requests", 50000, "--rate", rate)
            self.assertEqual(made["offered_bandwidth"], 40e9)
            achieved = made["read_bandwidth"] + made["write_bandwidth"]
            self.assertAlmostEqual(achieved[0] / 40e9, 1, delta=0.01)

    def test_requests_are_of_32_bytes_unless_said_otherwise(self):
        trace = self.folder / "trace.txt"
        trace.write_text("0x0 R\n0x80 R\n")
        for options, moved in (((), 64), (("--request-bytes", 64), 128),
                               (("--request-bytes", 128), 256)):
            read, _ = self.output(PART, trace, *options)
            self.assertEqual(read["bytes_read"], moved)
        made, _ = self.output(PART, "--pattern", "seq", "--request-bytes", 96, "--requests", 100,
                              "--footprint", 9600)
        self.assertEqual(made["bytes_read"], 9600)

    def test_a_sweep_is_random_and_goes_from_little_to_all(self):
        swept, attributes = self.output(PART, "--sweep-load", "--requests", 5000, "-j", 2)
        self.assertTrue(attributes["trace"].startswith("random, 5000 requests"))
        self.assertEqual((swept["load"][0], swept["load"][-1]), (0.05, 1))
        self.assertTrue((swept["requests"] == 5000).all())
        self.assertGreater(swept["read_latency_mean"][-1], 3 * swept["read_latency_mean"][0])
        self.assertGreater(swept["read_latency_p99_ps"][0], swept["read_latency_median_ps"][0])

    def test_a_sweep_takes_a_pattern_or_a_trace_without_times(self):
        trace = self.folder / "trace.txt"
        trace.write_text("".join(f"{i * 32:#x} R\n" for i in range(2000)))
        from_trace, _ = self.output(PART, trace, "--sweep-load")
        patterned, _ = self.output(PART, "--pattern", "seq", "--requests", 2000, "--sweep-load")
        self.assertEqual(list(from_trace["finish_ps"]), list(patterned["finish_ps"]))
        done = run(PART, trace, "--sweep-load", "--check-dram")
        self.assertEqual(done.returncode, 0)
        self.assertIn("all it takes", done.stdout)
        self.assertIn(" 0 violations", done.stdout)

    def test_what_is_set_takes_the_place_of_the_config(self):
        few = ("--pattern", "rand", "--requests", 20000, "--rate", "5GB/s")
        own, _ = self.output(PART, *few)
        closed, _ = self.output(PART, *few, "--set", "controller.page_policy=closed")
        adaptive, _ = self.output(PART, *few, "--set", "controller.page_policy = adaptive")
        for policy in (closed, adaptive):
            self.assertLess(policy["read_latency_mean"], 0.9 * own["read_latency_mean"])
        together, _ = self.output(PART, *few, "--set", "refresh.kind=all_bank")
        self.assertEqual((own["refresh_alls"], together["refresh_banks"]), (0, 0))
        self.assertGreater(together["refresh_alls"], 0)
        self.assertGreater(together["read_latency_mean"], own["read_latency_mean"])
        at_once, _ = self.output(PART, *few, "--set",
                                 "refresh.postpone_limit=1; refresh.pull_in_limit=0")
        self.assertGreater(own["refreshes_pulled_in"], 0)
        self.assertEqual(at_once["refreshes_pulled_in"], 0)
        stream = ("--pattern", "seq", "--requests", 100000)
        eight, _ = self.output(PART, *stream)
        for channels in (5, 7):
            some, attributes = self.output(PART, *stream, "--set", f"geometry.channels={channels}")
            self.assertEqual(attributes["channels"], channels)
            ratio = some["read_bandwidth"] / eight["read_bandwidth"]
            self.assertAlmostEqual(ratio[0] * 8 / channels, 1, delta=0.01)

    def test_a_gpus_memory_clock_is_a_setting_too(self):
        times = []
        for rate in ("21.002Gb/s", "20.502 Gb/s"):  # P0 and P2 of an RTX 4090
            done = run("rtx-4090", "traces/small/copy", "--json", "--set",
                       f"memory.data_rate={rate}")
            times.append(json.loads(done.stdout)["total"])
        pins = [(total["dram_read_bandwidth"] + total["dram_write_bandwidth"]) /
                total["dram_share_of_pins"] for total in times]
        self.assertAlmostEqual(pins[1] / pins[0], 20.502 / 21.002, places=4)

    def test_what_cannot_be_set_is_refused(self):
        for setting, told in (("closed", "must be KEY=VALUE"), ("=closed", "must be KEY=VALUE"),
                              ("controller.page_policy=", "must be KEY=VALUE"),
                              ("controller.page_policy=shut", "--set controller.page_policy: "),
                              ("controller.pages=open", "--set controller.pages: "),
                              ("timing.tRP=fast", "--set timing.tRP: "),
                              ("timing.tRPP=15ns", "--set timing.tRPP"),
                              ("geometry.channels=[1", "--set geometry.channels:1:")):
            with self.subTest(setting=setting):
                self.assertIn(told, self.refused(PART, "--pattern", "seq", "--set", setting))

    def test_check_bits_move_beside_the_data(self):
        stream = ("gddr6-16000", "--pattern", "seq", "--requests", 20000, "--request-bytes", 128)
        for kept, least, most in ((0, 0.25, 0.25), (64, 0.06, 0.075)):
            read, _ = self.output(*stream, "--inline-ecc", kept)
            self.assertEqual(read["bytes_read"], 20000 * 128)
            share = read["check_bytes"][0] / read["bytes_read"][0]
            self.assertTrue(least <= share <= most, share)
        without, _ = self.output(*stream)
        self.assertEqual(without["check_bytes"], 0)
        self.assertIn("  ECC ", run(*stream, "--inline-ecc", 0).stdout)
        self.assertIn("at least 0", self.refused(*stream, "--inline-ecc", "yes"))

    def test_check_bits_of_a_board_can_be_turned_off(self):
        moved = {}
        for ecc in ("inline", "none", "sideband"):
            shown = json.loads(run("t4", "traces/small/copy", "--json", "--set",
                                   f"memory.ecc={ecc}").stdout)
            moved[ecc] = shown["total"]["dram_read_bandwidth"] * shown["total"]["time"]
        self.assertGreater(moved["inline"], 1.2 * moved["none"])
        self.assertEqual(moved["sideband"], moved["none"])

    def test_the_summary_has_the_latencies_of_reads(self):
        done = run(PART, "--pattern", "rand", "--requests", 5000, "--rate", "1GB/s")
        lines = done.stdout.split("Reads by latency\n")[1].split("\n\n")[0].splitlines()
        edges = [line.split(" to ")[0].split() for line in lines]
        units = {"ps": 1, "ns": 1e3, "us": 1e6}
        starts = [float(number) * units[unit] for number, unit in edges]
        self.assertEqual(starts, sorted(starts))
        shares = [float(line.split(" %")[0].split()[-1]) for line in lines]
        self.assertAlmostEqual(sum(shares), 100, places=6)

    def test_watts_over_time_are_the_energy(self):
        words = (PART, "--pattern", "mixed", "--requests", 20000)
        shown = json.loads(run(*words, "--json").stdout)
        energy, _ = self.output(*words)
        with h5py.File(self.folder / "out.h5") as file:
            watts = file["intervals/dram_power"][()].sum(axis=1)
            joules = (watts * file["intervals/length"][()]).sum()
        self.assertAlmostEqual(joules / energy["energy"][0], 1, places=6)
        self.assertEqual(len(watts), len(shown["intervals"]["dram_power"]))
        self.assertAlmostEqual(shown["intervals"]["dram_power"][0], watts[0], places=9)

    def test_the_forms_of_other_simulators_say_the_same(self):
        asked = [(i * 4128 % (1 << 20), i % 3 == 0) for i in range(2000)]
        forms = ("".join(f"{address:#x} {'W' if write else 'R'}\n" for address, write in asked),
                 "".join(f"{'ST' if write else 'LD'} {address}\n" for address, write in asked))
        ends = {self.output(PART, "-", given=text)[0]["finish_ps"][0] for text in forms}
        self.assertEqual(len(ends), 1)
        timed = "".join(f"{address:#x} {'WRITE' if write else 'READ'} {i * 30}\n"
                        for i, (address, write) in enumerate(asked))
        read, _ = self.output(PART, "-", given=timed)
        self.assertGreater(read["finish_ps"], 1999 * 30 * 1000)  # clocks of 1 ns

    def test_a_command_trace_opens_in_the_checker(self):
        for part in (PART, "lpddr5-3200", "gddr7-28000"):
            trace = self.folder / "commands.txt"
            done = run(part, "--pattern", "rand", "--requests", 2000, "-q", "--command-trace",
                       trace)
            self.assertEqual(done.returncode, 0)
            checked = subprocess.run([STROBE, "check", part, trace], capture_output=True, text=True)
            self.assertEqual(checked.returncode, 0)
            self.assertIn(" 0 violations", checked.stdout)
            lines = trace.read_text().splitlines()
            self.assertIn(f"{len(lines)} commands", checked.stdout)
            again = self.folder / "again.txt"
            first = next(i for i, line in enumerate(lines) if " activate " in line)
            again.write_text("\n".join(lines[:first + 1] + lines[first:]) + "\n")
            checked = subprocess.run([STROBE, "check", part, "-"], input=again.read_text(),
                                     capture_output=True, text=True)
            self.assertEqual(checked.returncode, 1)
        again.write_text(lines[0] + "\nnonsense\n")
        checked = subprocess.run([STROBE, "check", PART, again], capture_output=True, text=True)
        self.assertEqual(checked.returncode, 2)
        self.assertIn("again.txt:2: ", checked.stderr)

    def test_a_name_that_is_neither_gpu_nor_part_is_told_the_nearest_of_both(self):
        told = self.refused("hbm2-2001", "--pattern", "seq")
        self.assertIn("no GPU or memory part 'hbm2-2001'; did you mean hbm2-2000", told)
        self.assertIn("did you mean rtx-4090", self.refused("rtx-4091", "--pattern", "seq"))

    def test_what_makes_no_sense_is_refused(self):
        timed = self.folder / "timed.txt"
        timed.write_text("0x0 R 5ns\n")
        for words, told in (
                ([PART], "missing TRACE"),
                ([PART, "--requests", 5], "missing TRACE"),
                ([PART, "a.txt", "--pattern", "seq"], "give one of them"),
                ([PART, "a.txt", "--footprint", "1M"], "give one of them"),
                ([PART, "a.txt"], "a.txt: cannot be opened"),
                ([PART, "--pattern", "zigzag"], "must be seq, rand, stride or mixed"),
                ([PART, "--pattern", "seq", "--requests", 0], "at least 1"),
                ([PART, "--pattern", "seq", "--footprint", 100], "four requests, 128 bytes"),
                ([PART, "a.txt", "--request-bytes", 33], "multiple of 32 up to 4096"),
                ([PART, "a.txt", "--request-bytes", "8K"], "multiple of 32 up to 4096"),
                ([PART, "--pattern", "seq", "--rate", "fast"], "such as 100GB/s"),
                ([PART, "--pattern", "seq", "--rate", "100"], "such as 100GB/s"),
                ([PART, "--pattern", "seq", "--rate", "0GB/s"], "such as 100GB/s"),
                ([PART, timed, "--rate", "1GB/s"], "times of their own"),
                ([PART, timed, "--sweep-load"], "times of their own"),
                ([PART, "-", "--sweep-load"], "standard input is read once"),
                ([PART, "--sweep-load", "--rate", "1GB/s"], "--rate is for one run"),
                ([PART, "--sweep-load", "--command-trace", "x"], "--command-trace is for one run"),
                (["gb10", "--pattern", "seq"], "--pattern is for memory parts"),
                (["gb10", "traces/small/copy", "--rate", "1GB/s"], "--rate is for memory parts"),
                (["gb10"], "missing TRACE"),
                (["gb10", "-"], "cannot")):
            with self.subTest(words=words):
                self.assertIn(told, self.refused(*words))

    def test_an_empty_trace_has_no_load_to_offer(self):
        empty = self.folder / "empty.txt"
        empty.write_text("# nothing\n")
        self.assertIn("no requests", self.refused(PART, empty, "--sweep-load"))


if __name__ == "__main__":
    unittest.main()
