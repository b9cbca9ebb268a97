#include "sim/report/figures.h"

#include <algorithm>
#include <array>
#include <limits>

namespace strobe::report {
namespace {

constexpr double kSectorBytes = 32;

// From here on a level is called the bound: sustained use seldom passes 90 % even when nothing else
// is in the way, and below 70 % something else always was.
constexpr double kSaturated = 0.70;

constexpr double kMostly = 0.5;

double number(std::uint64_t count) {
  return static_cast<double>(count);
}
double number(Picoseconds duration) {
  return static_cast<double>(duration.count());
}
double seconds(Picoseconds duration) {
  return number(duration) * 1e-12;
}
double hertz(Kilohertz clock) {
  return static_cast<double>(clock.count()) * 1e3;
}

double share(double part, double whole) {
  return whole > 0 ? part / whole : std::numeric_limits<double>::quiet_NaN();
}
double rate(double amount, double time) {
  return time > 0 ? amount / time : 0;
}

double memory_time(const stats::StallTimes& stalls) {
  double sum = 0;
  for (const Picoseconds cause : stalls.by_cause) sum += number(cause);
  return sum;
}

double queueing_time(const stats::StallTimes& stalls) {
  double sum = 0;
  for (std::size_t i = 0; i < stats::kCauseCount; ++i) {
    if (is_queueing(static_cast<stats::Cause>(i))) sum += number(stalls.by_cause[i]);
  }
  return sum;
}

void add_warp_figures(Figures& figures, const device::KernelResult& kernel,
                      const device::GpuSpec& gpu) {
  const double active_time = number(kernel.sm.active_cycles) / hertz(gpu.sm.clock);
  figures.warps_per_sm = rate(seconds(kernel.stalls.resident), active_time);
  figures.occupancy = figures.warps_per_sm / gpu.sm.max_warps;
  figures.sm_active = rate(active_time, figures.simulated_time * gpu.sms);
  figures.issue_active = share(number(kernel.sm.issue_active_cycles),
                               number(kernel.sm.active_cycles) * gpu.sm.sub_partitions);
  const double memory = memory_time(kernel.stalls);
  figures.memory_share = share(memory, number(kernel.stalls.resident));
  figures.queue_share = share(queueing_time(kernel.stalls), memory);
}

// Little's law, with the mean in flight measured and the time worked out of it.
void add_flight_figures(Figures& figures, const device::KernelResult& kernel) {
  const stats::LatencyHistogram& loads = kernel.load_latency;
  figures.load_latency = share(seconds(loads.sum()), number(loads.count()));
  const double sector_seconds = number(kernel.sm.in_flight_sector_ps) * 1e-12;
  figures.bytes_in_flight = rate(sector_seconds * kSectorBytes, figures.simulated_time);
  figures.flight_time = share(figures.bytes_in_flight, figures.l2);
}

}  // namespace

Limits limits_of(const device::GpuSpec& gpu) {
  return {device::peaks_of(gpu), device::max_flow_bound(gpu, device::Route::dram_to_sms),
          device::max_flow_bound(gpu, device::Route::l2_to_sms),
          device::max_flow_bound(gpu, device::Route::host_to_dram)};
}

Figures figures_of(const device::KernelResult& kernel, const device::GpuSpec& gpu) {
  Figures figures;
  figures.time = seconds(kernel.time());
  figures.simulated_time = seconds(kernel.simulated_time());
  const auto burst_bytes = static_cast<double>(gpu.memory.part.geometry.burst.count());
  figures.dram_read = rate(number(kernel.dram.reads) * burst_bytes, figures.simulated_time);
  figures.dram_write = rate(number(kernel.dram.writes) * burst_bytes, figures.simulated_time);
  const std::uint64_t l2_sectors =
      kernel.l2.read_sectors + kernel.l2.write_sectors + kernel.l2.atomic_sectors;
  figures.l2 = rate(number(l2_sectors) * kSectorBytes, figures.simulated_time);
  figures.l2_read = rate(number(kernel.l2.read_sectors) * kSectorBytes, figures.simulated_time);
  figures.l2_read_hit_rate =
      share(number(kernel.l2.read_sector_hits), number(kernel.l2.read_sectors));
  figures.l1_hit_rate =
      share(number(kernel.sm.global_load_sector_hits), number(kernel.sm.global_load_sectors));
  figures.dram_row_hit_rate =
      share(number(kernel.dram.row_hits),
            number(kernel.dram.row_hits + kernel.dram.row_misses + kernel.dram.row_conflicts));
  add_warp_figures(figures, kernel, gpu);
  add_flight_figures(figures, kernel);
  return figures;
}

Bound bound_of(const Figures& figures, const Limits& limits) {
  const device::Peaks& peaks = limits.peaks;
  const double dram = rate(figures.dram(), per_second(limits.dram_to_sms.bandwidth));
  const double l2 = rate(figures.l2, per_second(peaks.l2));
  const double crossbar =
      rate(figures.l2_read, per_second(std::min(peaks.slice_ports, peaks.sm_ports)));
  if (std::max({dram, l2, crossbar}) >= kSaturated) {
    if (dram >= std::max(l2, crossbar)) return Bound::dram_bandwidth;
    return l2 >= crossbar ? Bound::l2_bandwidth : Bound::crossbar_bandwidth;
  }
  if (figures.sm_active < kMostly) return Bound::grid;
  if (figures.memory_share >= kMostly) {
    return figures.queue_share >= kMostly ? Bound::queueing : Bound::latency;
  }
  return Bound::issue;
}

const BoundText& text_of(Bound bound) {
  static constexpr std::array<BoundText, 7> kTexts{{
      {"DRAM", "bandwidth-bound", "the DRAM moves most of what it can"},
      {"L2", "bandwidth-bound", "the L2 slices move most of what they can"},
      {"crossbar", "bandwidth-bound", "the crossbar moves most of what it can"},
      {"queues", "bandwidth-bound", "warps wait for memory, mostly behind other requests"},
      {"latency", "latency-bound", "warps wait for memory, mostly for fixed latencies"},
      {"issue", "issue-bound", "warps wait for instructions more than for memory"},
      {"grid", "grid-bound", "most SMs have no warp most of the time"},
  }};
  return kTexts[static_cast<std::size_t>(bound)];
}

device::KernelResult total_of(const device::RunResult& result) {
  device::KernelResult total;
  Picoseconds time;
  for (const device::KernelResult& kernel : result.kernels) {
    time += kernel.simulated_time();
    total.left_out.ctas += kernel.left_out.ctas;
    total.left_out.shares = std::max(total.left_out.shares, kernel.left_out.shares);
    total.left_out.rounds = std::max(total.left_out.rounds, kernel.left_out.rounds);
    total.left_out.time += kernel.left_out.time;
    total.left_out.spread = std::max(total.left_out.spread, kernel.left_out.spread);
    total.dram_time += kernel.dram_time;
    stats::add(total.sm, kernel.sm, sm::kCounterTable);
    stats::add(total.l2, kernel.l2, l2::kCounterTable);
    stats::add(total.system_cache, kernel.system_cache, l2::kCounterTable);
    stats::add(total.cpu, kernel.cpu, cpu::kCounterTable);
    stats::add(total.pages, kernel.pages, link::kPagerCounterTable);
    stats::add(total.dram, kernel.dram, dram::kCounters);
    total.stalls.add(kernel.stalls);
    total.load_latency.add(kernel.load_latency);
  }
  total.end = Instant(time);
  return total;
}

bool is_queueing(stats::Cause cause) {
  switch (cause) {
    case stats::Cause::l1_tag:
    case stats::Cause::l1_mshr:
    case stats::Cause::l2_queue:
    case stats::Cause::l2_mshr:
    case stats::Cause::l2_evict:
    case stats::Cause::l2_bank:
    case stats::Cause::slc_queue:
    case stats::Cause::dram_cpu:
    case stats::Cause::dram_queue:
    case stats::Cause::dram_turnaround:
    case stats::Cause::dram_activate_window:
    case stats::Cause::dram_bank_group:
      return true;
    default:
      return false;
  }
}

}  // namespace strobe::report
