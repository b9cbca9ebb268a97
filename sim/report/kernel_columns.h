#pragma once

// What the derived numbers of kernels are called and mean, once for a run's file (a row a kernel)
// and a sweep's (a row a run). A sink takes a label and how to get the value from a row.

#include <string>

#include "sim/report/energy.h"
#include "sim/report/figures.h"
#include "sim/report/hdf5_file.h"

namespace strobe::report {

// The derived numbers of a kernel, or of all kernels of a run.
struct Derived {
  Figures figures;
  Bound bound;
};

template <class Sink>
void add_bandwidths(Sink& kernels, const Limits& limits) {
  const auto add = [&kernels](const Label& label, auto value) {
    kernels.add(label, [value](const Derived& d) { return value(d.figures); });
  };
  add({"time", "s",
       "from dispatch of the first CTA to report of the last, what sampling left out included",
       "gpu__time_duration.sum"},
      [](const Figures& f) { return f.time; });
  add({"dram_read_bandwidth", "B s-1", "bytes read from the DRAM over the kernel's time",
       "dram__bytes_read.sum.per_second"},
      [](const Figures& f) { return f.dram_read; });
  add({"dram_write_bandwidth", "B s-1", "bytes written to the DRAM over the kernel's time",
       "dram__bytes_write.sum.per_second"},
      [](const Figures& f) { return f.dram_write; });
  add({"dram_share_of_pins", "1", "DRAM bandwidth over the peak of its pins"},
      [pins = per_second(limits.peaks.dram)](const Figures& f) { return f.dram() / pins; });
  add({"dram_share_of_bound", "1", "DRAM bandwidth over the max-flow bound of the machine"},
      [bound = per_second(limits.dram_to_sms.bandwidth)](const Figures& f) {
        return f.dram() / bound;
      });
  add({"l2_bandwidth", "B s-1", "bytes that SMs read, write and change in the L2, over time"},
      [](const Figures& f) { return f.l2; });
  add({"l2_read_bandwidth", "B s-1", "bytes that SMs read from the L2, over time"},
      [](const Figures& f) { return f.l2_read; });
}

template <class Sink>
void add_derived(Sink& kernels) {
  const auto add = [&kernels](const Label& label, auto value) {
    kernels.add(label, [value](const Derived& d) { return value(d.figures); });
  };
  add({"l2_read_hit_rate", "1", "sectors read by SMs that were in the L2"},
      [](const Figures& f) { return f.l2_read_hit_rate; });
  add({"l1_hit_rate", "1", "sectors of global loads that were in the L1"},
      [](const Figures& f) { return f.l1_hit_rate; });
  add({"dram_row_hit_rate", "1", "DRAM requests that found their row open"},
      [](const Figures& f) { return f.dram_row_hit_rate; });
  add({"warps_per_sm", "1", "resident warps of an SM, averaged over the time it has any",
       "sm__warps_active.avg.per_cycle_active"},
      [](const Figures& f) { return f.warps_per_sm; });
  add({"occupancy", "1", "resident warps over an SM's warp slots, same average"},
      [](const Figures& f) { return f.occupancy; });
  add({"sm_active", "1", "share of the kernel's time that an SM has a resident warp, mean"},
      [](const Figures& f) { return f.sm_active; });
  add({"issue_active", "1", "share of active cycles in which a sub-partition issues",
       "smsp__issue_active.avg.per_cycle_active"},
      [](const Figures& f) { return f.issue_active; });
  add({"memory_share", "1", "share of resident warp time in memory-caused states"},
      [](const Figures& f) { return f.memory_share; });
  add({"queue_share", "1", "share of the memory-caused time spent behind other requests"},
      [](const Figures& f) { return f.queue_share; });
  add({"load_latency", "s",
       "mean of what returns data (loads, atomics, async copies), issue to last sector"},
      [](const Figures& f) { return f.load_latency; });
  add({"bytes_in_flight", "B", "bytes missing in L1s or being stored, mean over time"},
      [](const Figures& f) { return f.bytes_in_flight; });
  add({"flight_time", "s", "bytes in flight over L2 bandwidth, the mean time below the L1"},
      [](const Figures& f) { return f.flight_time; });
  kernels.add({"bound", "1", "what kind of limit decides the kernel's time"},
              [](const Derived& d) { return std::string(text_of(d.bound).name); });
  kernels.add({"bound_by", "1", "which limit that is"},
              [](const Derived& d) { return std::string(text_of(d.bound).by); });
}

// What was counted, as it was counted.
template <class Sink>
void add_counted(Sink& kernels, const device::GpuSpec& gpu) {
  using device::KernelResult;
  kernels.add({"resident_ps", "ps", "resident warps times time"},
              [](const KernelResult& k) { return k.stalls.resident.count(); });
  kernels.add(
      {"load_latency_max_ps", "ps", "longest of what returns data, from issue to the last sector"},
      [](const KernelResult& k) { return k.load_latency.max().count(); });
  kernels.add_counters(
      "sm_", sm::kCounterTable, [](const KernelResult& k) -> const auto& { return k.sm; });
  kernels.add_counters(
      "l2_", l2::kCounterTable, [](const KernelResult& k) -> const auto& { return k.l2; });
  kernels.add_counters(
      "slc_", l2::kSystemCacheTable,
      [](const KernelResult& k) -> const auto& { return k.system_cache; });
  kernels.add_counters(
      "cpu_", cpu::kCounterTable, [](const KernelResult& k) -> const auto& { return k.cpu; });
  kernels.add_counters(
      "page_", link::kPagerCounterTable,
      [](const KernelResult& k) -> const auto& { return k.pages; });
  kernels.add_counters(
      "dram_", dram::kCounters, [](const KernelResult& k) -> const auto& { return k.dram; });
  add_energy(kernels, "dram_", [&gpu](const KernelResult& k) {
    return energy_figures(gpu.memory.part, gpu.memory.channels, k.dram, k.dram_time);
  });
}

}  // namespace strobe::report
