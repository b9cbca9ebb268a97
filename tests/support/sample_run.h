#pragma once

// A machine and a run made by hand, for tests of what is reported: two kernels and a copy, with
// numbers that are easy to work out on paper.

#include "sim/device/result.h"
#include "sim/device/spec.h"
#include "sim/report/figures.h"

namespace strobe::test {

// Round numbers; a fifth of what flows in is lost on the way.
inline device::EnergySpec sample_energy() {
  using dram::Femtojoules;
  device::EnergySpec energy;
  energy.idle = dram::Microwatts(10'000'000);
  energy.idle_slow = energy.idle;
  energy.low_clock = 500_MHz;
  energy.low_voltage = device::Millivolts(600);
  energy.high_clock = 1000_MHz;
  energy.high_voltage = device::Millivolts(1000);
  energy.sm_cycle = Femtojoules(100'000);
  energy.instruction = Femtojoules(200'000);
  energy.lanes.fill(Femtojoules(1'000));
  energy.lanes.back() = Femtojoules(3'000);
  energy.tensor_cycle = Femtojoules(50'000);
  energy.shared_byte = Femtojoules(5'000);
  energy.l1_byte = Femtojoules(1'000);
  energy.l2_byte = Femtojoules(10'000);
  energy.link_byte = Femtojoules(10'000);
  energy.host_byte = Femtojoules(100'000);
  energy.regulator_loss = 0.2;
  return energy;
}

// Two channels of 16 GB/s at the pins, two SMs and slices at 1 GHz.
inline device::GpuSpec sample_gpu() {
  device::GpuSpec gpu;
  gpu.name = "sample-gpu";
  gpu.title = "A GPU made by hand";
  gpu.memory_kind = "HBM2";
  gpu.sms = 2;
  gpu.board.power = dram::Microwatts(100'000'000);
  gpu.sm.clock = 1000_MHz;
  gpu.sm.max_warps = 64;
  gpu.sm.sub_partitions = 4;
  gpu.slices = 2;
  gpu.l2.clock = 1000_MHz;
  gpu.l2.capacity = Bytes(65536);
  gpu.l2.bytes_per_cycle = 32;
  gpu.memory.part.name = "hbm2-2000";
  gpu.memory.part.data_rate = dram::KilobitsPerSecond(2'000'000);
  gpu.memory.part.geometry.pseudo_channels = 1;
  gpu.memory.part.geometry.data_bits = 64;
  gpu.memory.part.geometry.burst = Bytes(32);
  gpu.memory.part.beats_per_clock = 2;
  gpu.memory.part.geometry.bank_groups = 4;
  gpu.memory.part.geometry.banks_per_group = 4;
  gpu.memory.part.energy.read = dram::Femtojoules(900'000);
  gpu.memory.part.energy.read_pins = dram::Femtojoules(100'000);
  gpu.memory.part.energy.standby = dram::Microwatts(50'000);
  gpu.memory.part.energy.standby_open = dram::Microwatts(60'000);
  gpu.memory.channels = 2;
  gpu.memory.capacity = 1ull << 30;
  gpu.host.name = "PCIe 3.0 x16";
  gpu.host.bandwidth = BytesPerSecond(12'000'000'000);
  gpu.energy = sample_energy();
  gpu.sources = {
      {"sm.count", "2", "", "", "configs/gpu/sample-gpu.toml", 3},
      {"sm.clock", "1000 MHz", "datasheet", "a sheet of paper", "configs/gpu/sample-gpu.toml", 4},
      {"l2.clock", "1000 MHz", "assumed", "as the SMs", "configs/gpu/sample-gpu.toml", 9},
  };
  return gpu;
}

// Written out rather than worked out by device/wiring: the tests are of the report alone.
inline report::Limits sample_limits() {
  report::Limits limits;
  limits.peaks.dram = BytesPerSecond(32'000'000'000);
  limits.peaks.l2 = BytesPerSecond(64'000'000'000);
  limits.peaks.slice_ports = BytesPerSecond(50'000'000'000);
  limits.peaks.sm_ports = BytesPerSecond(60'000'000'000);
  limits.peaks.l1 = BytesPerSecond(256'000'000'000);
  limits.dram_to_sms = {BytesPerSecond(30'000'000'000), "2 x DRAM pins"};
  limits.l2_to_sms = {BytesPerSecond(50'000'000'000), "2 x slice port"};
  limits.host_to_dram = {BytesPerSecond(12'000'000'000), "host link"};
  return limits;
}

// 1 us long, both SMs active throughout with 32 warps each. 600 of 750 sectors that SMs read come
// from the DRAM: 19.2 GB/s. Half of the warps' time is long_scoreboard.
inline device::KernelResult sample_kernel() {
  device::KernelResult kernel;
  kernel.name = "_Z9vectorAddPKfS0_Pfi";
  kernel.file = "kernel-1.traceg";
  kernel.id = 1;
  kernel.grid = {8, 1, 1};
  kernel.block = {256, 1, 1};
  kernel.registers = 16;
  kernel.occupancy = {4, 8, "registers"};
  kernel.start = Instant(2_us);
  kernel.end = Instant(3_us);
  kernel.sm.active_cycles = 2000;
  kernel.sm.issue_active_cycles = 400;
  kernel.sm.global_load_sectors = 1000;
  kernel.sm.global_load_sector_hits = 250;
  kernel.sm.in_flight_sector_ps = 375'000'000;  // 375 sectors, 12,000 bytes, all the time
  kernel.l2.read_sectors = 750;
  kernel.l2.read_sector_hits = 150;
  kernel.dram.reads = 600;
  kernel.dram.row_hits = 90;
  kernel.dram.row_misses = 10;
  kernel.dram.open_cycles = 1'000;  // 1 us of the two that two channels have
  kernel.dram_time = 1_us;
  kernel.stalls.resident = 64_us;
  kernel.stalls.charge(stats::WarpState::long_scoreboard, 32_us);
  kernel.stalls.charge(stats::WarpState::selected, 16_us);
  kernel.stalls.charge(stats::WarpState::wait, 16_us);
  kernel.stalls.charge(stats::Cause::dram_queue, 24_us);
  kernel.stalls.charge(stats::Cause::xbar_request, 8_us);
  for (int i = 0; i < 99; ++i) kernel.load_latency.add(400_ns);
  kernel.load_latency.add(900_ns);
  return kernel;
}

inline device::RunResult sample_run() {
  device::RunResult result;
  result.copies = {{0x7f00'0000'0000, 12'000, false, true, Instant(0_us), Instant(1_us)}};
  result.kernels = {sample_kernel(), sample_kernel()};
  result.kernels[1].id = 2;
  result.kernels[1].name = "_Z5scaleIfEvPT_i";
  result.kernels[1].start = Instant(4_us);
  result.kernels[1].end = Instant(5_us);
  result.end = Instant(5_us);
  result.dram_time = 5_us;
  result.sms.resize(2);
  result.sms[0].ctas = 9;
  result.sms[1].ctas = 7;
  result.slices.resize(2);
  result.channels.resize(2);
  result.channels[1].reads = 1200;
  result.series.interval = 2_us;
  result.series.channel_read_bytes = {{0, 16'000}, {0, 16'000, 4'000}};
  result.series.channel_write_bytes = {{12'000}, {0}};
  result.series.l2_read_sectors = {0, 750, 750};
  result.series.l2_read_sector_hits = {0, 150, 300};
  result.series.dram_energy.interval = 2_us;
  for (auto& share : result.series.dram_energy.femtojoules) share = {0, 0, 0};
  result.series.dram_energy.femtojoules[1] = {4'000'000'000, 0, 2'000'000'000};
  result.series.channel_request_ps = {{0, 6'000'000}, {0, 6'000'000, 1'000'000}};
  result.series.row_hits = {0, 90, 90};
  result.series.row_misses = {0, 10};
  result.series.l1_load_sectors = {0, 1000, 1000};
  result.series.l1_load_sector_hits = {0, 250, 250};
  result.series.stalls = {{}, result.kernels[0].stalls, result.kernels[1].stalls};
  result.events = 123;
  return result;
}

}  // namespace strobe::test
