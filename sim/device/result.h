#pragma once

// What a run of a machine yields: plain data, for report/ to write and for tests to read.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/base/units.h"
#include "sim/device/cta_log.h"
#include "sim/device/left_out.h"
#include "sim/model/cpu/counters.h"
#include "sim/model/dram/power_series.h"
#include "sim/model/l2/counters.h"
#include "sim/model/link/pager_counters.h"
#include "sim/model/sm/counters.h"
#include "sim/stats/histogram.h"
#include "sim/stats/stalls.h"

namespace strobe::device {

// How many CTAs of a kernel an SM holds, and what stops the next one.
struct Occupancy {
  std::uint32_t ctas_per_sm = 0;
  std::uint32_t warps_per_cta = 0;
  std::string limit;  // "registers", "shared memory", "warps" or "CTAs"
};

struct CopyResult {
  std::uint64_t address = 0, bytes = 0;
  bool to_host = false;
  bool over_link = false;  // false on unified memory: nothing moved
  Instant start, end;
};

struct KernelResult {
  std::string name, file;
  std::uint64_t id = 0;
  std::array<std::uint32_t, 3> grid{}, block{};
  std::uint32_t registers = 0, shared_bytes = 0;
  Occupancy occupancy;
  Instant start, end;  // dispatch of the first CTA until the report of the last; the launch
                       // latency lies before
  sm::Counters sm;     // all of this kernel only, summed over components
  l2::Counters l2, system_cache;
  cpu::Counters cpu;
  dram::Counters dram;
  link::PagerCounters pages;
  Picoseconds
      dram_time;  // `dram` was counted from the last write-back of the step before to its own
  stats::StallTimes stalls;
  stats::LatencyHistogram load_latency;  // loads, atomics and async copies, issue to last sector
  LeftOut left_out;  // by sampling: everything above is of the CTAs that were simulated

  Picoseconds simulated_time() const { return end - start; }
  Picoseconds time() const { return end - start + left_out.time; }
};

struct SeriesResult {
  Picoseconds interval;  // the same for all
  std::vector<std::vector<std::uint64_t>> channel_read_bytes, channel_write_bytes;  // [channel][i]
  std::vector<std::uint64_t> l2_read_sectors, l2_read_sector_hits;                  // [i]
  // Only of a machine that kept them (MachineOptions::over_time), else empty.
  std::vector<std::vector<std::uint64_t>> channel_request_ps;  // requests there times time
  std::vector<std::uint64_t> row_hits, row_misses;             // of all DRAM channels
  std::vector<std::uint64_t> l1_load_sectors, l1_load_sector_hits;
  std::vector<stats::StallTimes> stalls;  // add up to those of all kernels
  dram::EnergyOverTime dram_energy;       // of all channels
};

// What the checker saw of the DRAM's commands; all zero when it was not asked to look.
struct DramCheck {
  static constexpr std::size_t kMostTexts = 20;
  std::uint64_t commands = 0, violations = 0;
  std::vector<std::string> texts;  // of the first violations
};

struct RunResult {
  std::vector<CopyResult> copies;
  std::vector<KernelResult> kernels;
  Instant end;
  Picoseconds dram_time;          // until the last write-back
  std::vector<sm::Counters> sms;  // totals of the run, one a component
  std::vector<l2::Counters> slices, system_caches;
  std::vector<dram::Counters> channels;
  SeriesResult series;
  DramCheck dram_check;
  std::vector<CtaSpan> ctas;  // as many as were asked for
  std::uint64_t events = 0;   // handled by the engine
};

}  // namespace strobe::device
