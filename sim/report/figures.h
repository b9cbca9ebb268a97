#pragma once

// The numbers people ask for, worked out of the counters once, for the result file and the terminal
// alike. A rate of nothing (the hit rate of a kernel without loads) is not a number.

#include <cstdint>
#include <string_view>

#include "sim/device/result.h"
#include "sim/device/spec.h"

namespace strobe::report {

// Bytes per second that a machine could move at most.
struct Peaks {
  double dram_pins = 0;   // data rate times width, all channels
  double dram_bound = 0;  // max flow from SMs to DRAM, never above the pins
  double l2 = 0;          // data arrays of all slices
  double crossbar = 0;    // replies: the narrower of all SM ports and all slice ports together
};

// `max_flow` is the bound of the machine's topology, from the device.
Peaks peaks_of(const device::GpuSpec& gpu, double max_flow);

// What decides the time of a kernel.
enum class Bound : std::uint8_t {
  dram_bandwidth,      // the DRAM moves most of what it can
  l2_bandwidth,        // the L2's data arrays do
  crossbar_bandwidth,  // its ports do
  queueing,            // warps wait for memory, most of that time behind other requests
  latency,             // warps wait for memory, most of that time on the way
  issue,               // warps mostly wait for instructions, not for memory
  launch,              // most SMs have no warp most of the time
};
std::string_view name(Bound bound);     // "bandwidth-bound", "latency-bound", ...
std::string_view meaning(Bound bound);  // a sentence's end: "the DRAM moves most of what it can"

struct Figures {
  double time = 0;                               // s
  double dram_read = 0, dram_write = 0;          // B/s, averaged over the kernel's time
  double l2 = 0;                                 // B/s between SMs and L2
  double crossbar = 0;                           // B/s of replies, headers included
  double l2_read_hit_rate = 0, l1_hit_rate = 0;  // of sectors, global loads
  double dram_row_hit_rate = 0;                  // of DRAM requests
  double warps_per_sm = 0;                       // resident, averaged over SMs with any
  double occupancy = 0;                          // of the SM's warp slots
  double sm_active = 0;                          // share of SM time with a resident warp
  double issue_active = 0;     // share of the active sub-partitions' cycles with an issue
  double memory_share = 0;     // of resident warp time, spent in memory-caused states
  double queue_share = 0;      // of that, behind other requests
  double load_latency = 0;     // s, mean of global loads, issue to last sector
  double bytes_in_flight = 0;  // between L1s and the L2, mean over the kernel's time
  double flight_time = 0;      // s: bytes in flight over L2 bandwidth (Little's law)

  double dram() const { return dram_read + dram_write; }
};

Figures figures_of(const device::KernelResult& kernel, const device::GpuSpec& gpu);
Bound bound_of(const Figures& figures, const Peaks& peaks);

// All kernels of a run as if they were one, back to back.
device::KernelResult total_of(const device::RunResult& result);

// Whether a request that is charged with this cause waits for others rather than for physics.
bool is_queueing(stats::Cause cause);

}  // namespace strobe::report
