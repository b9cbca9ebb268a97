#pragma once

// The numbers people ask for, worked out of the counters once, for the result file and the terminal
// alike. A rate of nothing (the hit rate of a kernel without loads) is not a number.

#include <cstdint>
#include <string_view>

#include "sim/device/result.h"
#include "sim/device/spec.h"
#include "sim/device/wiring.h"

namespace strobe::report {

// What a machine could move at most.
struct Limits {
  device::Peaks peaks;
  device::FlowBound dram_to_sms, l2_to_sms, host_to_dram;
};
Limits limits_of(const device::GpuSpec& gpu);

// What decides the time of a kernel.
enum class Bound : std::uint8_t {
  dram_bandwidth,      // the DRAM moves most of what it can
  l2_bandwidth,        // the L2's data arrays do
  crossbar_bandwidth,  // its ports do
  queueing,            // warps wait for memory, most of that time behind other requests
  latency,             // warps wait for memory, most of that time on the way
  issue,               // warps mostly wait for instructions, not for memory
  grid,                // most SMs have no warp most of the time
};

struct BoundText {
  std::string_view by, name, meaning;
};
// "DRAM", "bandwidth-bound", "the DRAM moves most of what it can"
const BoundText& text_of(Bound bound);

struct Figures {
  double time = 0;                               // s, what sampling left out included
  double simulated_time = 0;                     // s, without: rates and shares are over this
  double dram_read = 0, dram_write = 0;          // B/s, averaged over the simulated time
  double l2 = 0;                                 // B/s between SMs and L2, headers not counted
  double l2_read = 0;                            // of those, read
  double l2_read_hit_rate = 0, l1_hit_rate = 0;  // of sectors, global loads
  double dram_row_hit_rate = 0;                  // of DRAM requests
  double warps_per_sm = 0;                       // resident, averaged over SMs with any
  double occupancy = 0;                          // of the SM's warp slots
  double sm_active = 0;                          // share of SM time with a resident warp
  double issue_active = 0;     // share of the active sub-partitions' cycles with an issue
  double memory_share = 0;     // of resident warp time, spent in memory-caused states
  double queue_share = 0;      // of that, behind other requests
  double load_latency = 0;     // s, mean of what returns data, issue to last sector
  double bytes_in_flight = 0;  // between L1s and the L2, mean over the kernel's time
  double flight_time = 0;      // s: bytes in flight over L2 bandwidth (Little's law)

  double dram() const { return dram_read + dram_write; }
};

inline double per_second(BytesPerSecond bandwidth) {
  return static_cast<double>(bandwidth.count());
}

Figures figures_of(const device::KernelResult& kernel, const device::GpuSpec& gpu);
Bound bound_of(const Figures& figures, const Limits& limits);

// All kernels of a run as if they were one, back to back.
device::KernelResult total_of(const device::RunResult& result);

// Whether a request that is charged with this cause waits for others rather than for physics.
bool is_queueing(stats::Cause cause);

}  // namespace strobe::report
