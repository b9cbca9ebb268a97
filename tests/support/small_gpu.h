#pragma once

// A GPU small enough to follow with a pencil: every clock is 1 GHz, so that a cycle is a nanosecond
// and what the spec's parts add up to is the time to expect. The DRAM is one HBM2 channel of two
// pseudo-channels, whose refreshes are put off beyond the end of every test.

#include <string>
#include <variant>

#include "sim/device/read_dram.h"
#include "sim/device/spec.h"

namespace strobe::test {

inline dram::PartSpec dram_without_refresh() {
  dram::PartSpec part = device::read_dram("hbm2-2000").part;
  for (dram::Timing& timing : part.timings) {
    if (timing.name == "tREFI") timing.value = Picoseconds(1'000'000'000'000);
  }
  return part;
}

inline sm::Spec small_sm() {
  sm::Spec sm;
  sm.clock = 1000_MHz;
  sm.sub_partitions = 4;
  sm.max_warps = 64;
  sm.max_ctas = 16;
  sm.registers = 65536;
  sm.register_unit = 256;
  sm.shared_max = Bytes(64 << 10);
  sm.shared_unit = Bytes(256);
  sm.pipes.fill({Cycles(4), Cycles(2)});
  sm.lsu_queue = 32;
  sm.shared_latency = Cycles(20);
  sm.shared_bytes_per_cycle = 128;
  sm.constant_latency = Cycles(8);
  sm.barrier_latency = Cycles(5);
  sm.launch_latency = Cycles(10);
  sm.l1.capacity = Bytes(16 << 10);
  sm.l1.unified_with_shared = false;
  sm.l1.ways = 4;
  sm.l1.miss_lines = 256;
  sm.l1.miss_merges = 1024;
  sm.l1.store_lines = 256;
  sm.l1.bytes_per_cycle = 128;
  sm.l1.hit_latency = Cycles(20);
  sm.l1.miss_latency = Cycles(10);
  sm.l1.fill_latency = Cycles(6);
  return sm;
}

// `channels` DRAM channels, a slice for each of their pseudo-channels.
inline device::GpuSpec small_gpu(std::uint32_t sms = 1, std::uint32_t channels = 1) {
  device::GpuSpec gpu;
  gpu.name = "small";
  gpu.sms = sms;
  gpu.sm = small_sm();
  gpu.crossbar.clock = 1000_MHz;
  gpu.crossbar.sm_request_bytes_per_cycle = 64;
  gpu.crossbar.sm_reply_bytes_per_cycle = 64;
  gpu.crossbar.slice_request_bytes_per_cycle = 64;
  gpu.crossbar.slice_reply_bytes_per_cycle = 64;
  gpu.crossbar.header_bytes = 8;
  gpu.crossbar.request_latency = 50_ns;
  gpu.crossbar.reply_latency = 40_ns;
  gpu.slices = 2 * channels;
  gpu.l2.clock = 1000_MHz;
  gpu.l2.capacity = Bytes(64 << 10);
  gpu.l2.ways = 4;
  gpu.l2.miss_lines = 128;
  gpu.l2.miss_merges = 512;
  gpu.l2.write_backs = 32;
  gpu.l2.bytes_per_cycle = 64;
  gpu.l2.hit_latency = 30_ns;
  gpu.l2.dram_path = 20_ns;
  gpu.memory.part = dram_without_refresh();
  gpu.memory.channels = channels;
  gpu.memory.interleave = 256;
  gpu.host.bandwidth = gpu.host.to_host_bandwidth = BytesPerSecond(8'000'000'000);
  gpu.host.latency = 1_us;
  gpu.host.lines_in_flight = 64;
  gpu.dispatch.launch_latency = 500_ns;
  gpu.dispatch.cta_interval = 2_ns;
  gpu.dispatch.cta_latency = 30_ns;
  return gpu;
}

}  // namespace strobe::test
