#!/usr/bin/python3
"""check_values.py RUN.h5 MEMORY_RUN.h5 LOAD_SWEEP.h5 VALIDATION.h5: the numbers of
tests/support/sample_run.h and write_files.test.cpp, read back by name as a user would."""

import importlib.util
import sys

for needed in ("xarray", "h5netcdf"):
    if not importlib.util.find_spec(needed):
        print(f"skipped: {needed} is not installed")
        sys.exit(0)

import numpy
import xarray


def dataset(path, group):
    return xarray.open_dataset(path, engine="h5netcdf", group=group)


def same(what, value, wanted):
    if not numpy.allclose(value, wanted, rtol=1e-12, atol=0, equal_nan=True):
        sys.exit(f"{what} is {value}, not {wanted}")


def check_run(path):
    root = xarray.open_dataset(path, engine="h5netcdf").attrs
    assert root["schema"] == "strobe-run" and root["schema_version"] == "1.1" and root["seed"] == 7
    assert root["trace"] == "caf?/kernelslist.g", root["trace"]

    kernels = dataset(path, "kernels")
    assert list(kernels.name.values) == ["_Z9vectorAddPKfS0_Pfi", "_Z5scaleIfEvPT_i"]
    same("time", kernels.time, [1e-6, 1e-6])
    same("DRAM bandwidth", kernels.dram_read_bandwidth, [19.2e9, 19.2e9])
    same("share of bound", kernels.dram_share_of_bound, [0.64, 0.64])
    same("L2 hit rate", kernels.l2_read_hit_rate, [0.2, 0.2])
    same("long_scoreboard", kernels.warp_time_ps.sel(warp_state="long_scoreboard"), [32e6, 32e6])
    same("level 1", kernels.warp_time_ps.sum("warp_state"), kernels.resident_ps)
    same("level 2", kernels.memory_wait_ps.sum("stall_cause"), [32e6, 32e6])
    same("loads", kernels.load_latency_count.sum("latency_bin"), [100, 100])
    same("a load's bin", kernels.load_latency_count.sel(latency_bin=400_000, method="ffill"),
         [99, 99])
    same("DRAM reads", kernels.dram_reads, [600, 600])
    same("energy of reads", kernels.dram_energy_read, [0.54e-6, 0.54e-6])
    same("energy of standby", kernels.dram_energy_standby, [0.11e-6, 0.11e-6])
    same("energy", kernels.dram_energy, [0.71e-6, 0.71e-6])
    same("power", kernels.dram_power, [0.71, 0.71])
    same("board, idle", kernels.board_energy_idle, [10e-6, 10e-6])
    same("board", kernels.board_energy, [11.3525e-6, 11.3525e-6])
    same("power of the board", kernels.board_power, [11.3525, 11.3525])
    same("energy of a bit", kernels.dram_energy_per_bit, [0.71e-6 / 153600] * 2)

    nsight = dataset(path, "nsight")
    same("DRAM bytes", nsight["dram__bytes_read.sum"], [19200, 19200])
    assert nsight["dram__bytes_read.sum"].units == "byte"
    same("copies", dataset(path, "copies").bytes, [12000])
    intervals = dataset(path, "intervals")
    same("interval starts", intervals.time, [0, 2e-6, 4e-6])
    same("interval lengths", intervals.length, [2e-6, 2e-6, 1e-6])
    same("channel 1", intervals.dram_read_bandwidth.sel(channel=1), [0, 8e9, 4e9])
    same("channel 0, silent at the end", intervals.dram_read_bandwidth.sel(channel=0), [0, 8e9, 0])
    same("writes", intervals.dram_write_bandwidth.sel(time=0), [6e9, 0])
    same("hit rate", intervals.l2_read_hit_rate, [numpy.nan, 0.2, 0.4])
    same("watts of reads", intervals.dram_power.sel(energy_share="read"), [2, 0, 2])
    same("all watts", intervals.dram_power.sum("energy_share")[:2], [2, 0])
    same("L1 hit rate", intervals.l1_hit_rate, [numpy.nan, 0.25, 0.25])
    same("row hit rate", intervals.dram_row_hit_rate, [numpy.nan, 0.9, 1])
    same("requests at channel 1", intervals.dram_queue_depth.sel(channel=1), [0, 3, 1])
    same("waiting for memory, over time", intervals.warp_time_ps.sel(warp_state="long_scoreboard"),
         [0, 32e6, 32e6])
    same("a cause over time", intervals.memory_wait_ps.sel(stall_cause="dram.queue"),
         [0, 24e6, 24e6])
    same("all intervals", intervals.warp_time_ps.sum("time"), kernels.warp_time_ps.sum("kernel"))

    same("CTAs", dataset(path, "components/sm").ctas, [9, 7])
    channels = dataset(path, "components/dram_channel")
    same("a channel's reads", channels.reads, [0, 1200])
    same("a channel's energy", channels.energy, [0.25e-6, 1.45e-6])
    config = dataset(path, "config")
    clock = config.sel(key="sm.clock")
    assert clock["value"].item() == "1000 MHz" and clock["from"].item() == "datasheet"
    same("line", clock.line, 4)
    assert dataset(path, "inputs").sha256.item() == "ba7816bf"


def check_memory_run(path):
    memory = dataset(path, "memory")
    same("read bandwidth", memory.read_bandwidth, [6.4e9])
    same("share of pins", memory.share_of_pins, [0.3])
    same("row hits", memory.row_hits, [135])
    same("energy", memory.energy, [0.3e-6])
    same("mean latency", memory.read_latency_mean, [50e-9])
    same("queue", memory.read_time_ps.sel(stall_cause="dram.queue"), [4e6])
    same("all causes", memory.read_time_ps.sum("stall_cause"), [5e6])
    same("writes", memory.write_time_ps.sum("stall_cause"), [3e6])
    assert numpy.isnan(memory.offered_bandwidth.item())
    same("lines", [memory.lines_read.item(), memory.lines_written.item()], [100, 50])
    same("check bits", memory.check_bytes, [640])
    intervals = dataset(path, "intervals")
    same("lengths", intervals.length, [400e-9, 400e-9, 200e-9])
    same("watts", intervals.dram_power.sel(energy_share="standby"), [0.1, 0.2, 0.1])
    same("reads' watts", intervals.dram_power.sel(energy_share="read"), [0, 0, 0])
    channels = dataset(path, "channels")
    same("a channel's reads", channels.reads, [0, 200])
    same("a bank's reads", channels.bank_reads, [[0, 0, 0], [0, 0, 200]])


def check_load_sweep(path):
    assert xarray.open_dataset(path, engine="h5netcdf").attrs["schema"] == "strobe-load-sweep"
    loads = dataset(path, "loads")
    same("loads", loads["load"], [0.5, 1])
    same("offered", loads.offered_bandwidth, [4.8e9, numpy.nan])
    same("read bandwidth", loads.read_bandwidth, [6.4e9, 6.4e9])
    same("reads", loads.read_latency_count.sum("latency_bin"), [100, 100])
    same("maximum", loads.read_latency_max_ps, [50e3, 50e3])


def check_validation(path):
    assert xarray.open_dataset(path, engine="h5netcdf").attrs["schema"] == "strobe-validation"
    figures = dataset(path, "figures")
    assert list(figures.benchmark.values) == ["chase", "copy"]
    assert list(figures.source.values) == ["a caf?", "likewise"]
    same("measured", figures.measured, [100, 800])
    same("simulated", figures.simulated, [101, 900])
    same("tolerance", figures.tolerance, [0.05, 0.03])
    same("marks", figures.deviates, [0, 1])


check_run(sys.argv[1])
check_memory_run(sys.argv[2])
check_load_sweep(sys.argv[3])
check_validation(sys.argv[4])
