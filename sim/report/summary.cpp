#include "sim/report/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "sim/report/assumptions.h"
#include "sim/report/board.h"
#include "sim/report/energy.h"

namespace strobe::report {
namespace {

using device::CopyResult;
using device::KernelResult;
using device::RunResult;

// More kernels than this are not read line by line: the longest are listed, the file has them all.
constexpr std::size_t kListedAll = 12, kListedLongest = 8;
constexpr std::size_t kTopCauses = 5;
constexpr std::size_t kWarnings = 10;
constexpr std::size_t kAssumedKeys = 2;

double seconds(Picoseconds duration) {
  return static_cast<double>(duration.count()) * 1e-12;
}

std::string whole_percent(double share) {
  return std::isnan(share) ? "-" : fmt::format("{:.0f}%", share * 100);
}

std::string counted(std::size_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

std::string header(const RunResult& result, const RunContext& context, const TextStyle& style) {
  const device::GpuSpec& gpu = context.gpu;
  std::string text =
      heading(fmt::format("{}: {}, {}", gpu.name, gpu.title, gpu.memory_kind), style);
  text += fmt::format("  trace {}\n", context.trace);
  text += fmt::format("  simulated {}: {}, {}\n", time_text(seconds(result.end.since_start())),
                      counted(result.kernels.size(), "kernel", "kernels"),
                      counted(result.copies.size(), "copy", "copies"));
  return text;
}

Table::Row kernel_row(const std::string& name, const KernelResult& kernel,
                      const RunContext& context) {
  const Figures figures = figures_of(kernel, context.gpu);
  return {name,
          time_text(figures.time),
          fmt::format("{:.1f}", figures.dram() * 1e-9),
          whole_percent(figures.dram() / per_second(context.limits.peaks.dram)),
          whole_percent(figures.dram() / per_second(context.limits.dram_to_sms.bandwidth)),
          fmt::format("{:.1f}", figures.l2 * 1e-9),
          whole_percent(figures.l2_read_hit_rate),
          whole_percent(figures.l1_hit_rate),
          whole_percent(figures.occupancy),
          std::string(text_of(bound_of(figures, context.limits)).by)};
}

// All kernels, or the longest, in the order of their launch.
std::vector<std::size_t> listed(const RunResult& result) {
  std::vector<std::size_t> order(result.kernels.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (order.size() <= kListedAll) return order;
  const auto time = [&](std::size_t i) { return result.kernels[i].time(); };
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return time(a) > time(b); });
  order.resize(kListedLongest);
  std::sort(order.begin(), order.end());
  return order;
}

std::string kernel_table(const RunResult& result, const KernelResult& total,
                         const RunContext& context, const TextStyle& style) {
  Table table({{"", "", "DRAM", "of", "of", "L2", "L2", "L1", "warp", "bound"},
               {"kernel", "time", "GB/s", "pins", "bound", "GB/s", "hits", "hits", "slots", "by"}});
  const std::vector<std::size_t> shown = listed(result);
  for (const std::size_t i : shown) {
    const KernelResult& kernel = result.kernels[i];
    table.add(kernel_row(fmt::format("{} {}", i + 1, kernel_text(kernel.name)), kernel, context));
  }
  if (result.kernels.size() > 1) {
    table.add(kernel_row(fmt::format("all {}", result.kernels.size()), total, context));
  }
  std::string text = "\n" + table.text(style);
  if (shown.size() < result.kernels.size()) {
    text += fmt::format("  (the {} longest of {} kernels)\n", shown.size(), result.kernels.size());
  }
  return text;
}

// What was not simulated, and how far its time can be trusted.
std::string sampling_line(const KernelResult& total) {
  const device::LeftOut& left_out = total.left_out;
  std::string shares;
  if (left_out.shares > 1) {
    shares = fmt::format("  simulated: one of {} equal shares of the machine, for all of them\n",
                         left_out.shares);
  }
  if (left_out.time == Picoseconds(0)) return shares;
  const auto share =
      static_cast<double>(left_out.time.count()) / static_cast<double>(total.time().count());
  std::string text =
      fmt::format("  sampled: {} of the time is not simulated but taken from", percent_text(share));
  if (left_out.ctas > 0) {
    text += fmt::format(" waves of CTAs that differ by {}", percent_text(left_out.spread));
  }
  if (left_out.rounds > 0) {
    text += left_out.ctas > 0 ? ", and" : "";
    text += " rounds of the main loop";
  }
  return shares + text + "; rates and stalls are of the simulated part\n";
}

std::string copies_line(const RunResult& result, const device::GpuSpec& gpu, bool to_host) {
  double bytes = 0, time = 0, moved = 0;
  std::uint64_t copies = 0;
  for (const CopyResult& copy : result.copies) {
    if (copy.to_host != to_host) continue;
    ++copies;
    bytes += static_cast<double>(copy.bytes);
    if (!copy.over_link) continue;
    moved += static_cast<double>(copy.bytes);
    time += seconds(copy.end - copy.start);
  }
  if (copies == 0) return {};
  const std::string what = fmt::format("\n  {} to the {}, {}", counted(copies, "copy", "copies"),
                                       to_host ? "host" : "device", bytes_text(bytes));
  if (moved == 0) {
    return what + (device::moves_pages(gpu)
                       ? ": nothing moved by itself, managed memory moves as it is asked for\n"
                       : ": nothing to move, host and device share the memory\n");
  }
  return fmt::format("{}: {}, {}\n", what, time_text(time), bandwidth_text(moved / time));
}

std::string pages_line(const link::PagerCounters& pages) {
  const auto bytes = [](std::uint64_t count) { return bytes_text(static_cast<double>(count)); };
  return fmt::format("\n  managed memory: {} to the device, {} back, {} in {}\n",
                     bytes(pages.bytes_to_device), bytes(pages.bytes_to_host),
                     counted(pages.faults, "fault", "faults"),
                     counted(pages.batches, "batch", "batches"));
}

template <class Names, class Times>
std::vector<Bar> bars_of(const Names& names, const Times& times) {
  std::vector<Bar> all;
  for (std::size_t i = 0; i < names.size(); ++i) {
    all.push_back({names[i].name, names[i].meaning, times[i].count()});
  }
  return all;
}

// Level 1's states that no memory causes and level 2's causes: together, all of the warps' time.
std::string top_causes(const stats::StallTimes& stalls, const TextStyle& style) {
  std::vector<Bar> all = bars_of(stats::kCauses, stalls.by_cause);
  for (std::size_t i = 0; i < stats::kWarpStateCount; ++i) {
    if (stats::is_memory_caused(static_cast<stats::WarpState>(i))) continue;
    all.push_back({stats::kWarpStates[i].name, {}, stalls.by_state[i].count()});
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Bar& a, const Bar& b) { return a.amount > b.amount; });
  std::string line;
  for (std::size_t i = 0; i < kTopCauses && all[i].amount > 0; ++i) {
    const auto share =
        static_cast<double>(all[i].amount) / static_cast<double>(stalls.resident.count());
    line += fmt::format("{}{} {}", i == 0 ? "" : ", ", all[i].name, percent_text(share));
  }
  constexpr std::string_view kTitle = "  top of all:  ", kBlank = "               ";
  std::string text;
  for (const std::string& part : wrapped(line, style.width - kTitle.size())) {
    text += fmt::format("{}{}\n", text.empty() ? kTitle : kBlank, part);
  }
  return text;
}

std::string stall_bars(const stats::StallTimes& stalls, const TextStyle& style) {
  if (stalls.resident == Picoseconds(0)) return {};
  std::string text = "\n" + heading("What the resident warps did", style) +
                     bars(bars_of(stats::kWarpStates, stalls.by_state), style);
  const std::vector<Bar> causes = bars_of(stats::kCauses, stalls.by_cause);
  if (std::any_of(causes.begin(), causes.end(), [](const Bar& b) { return b.amount > 0; })) {
    text += "\n" + heading("Where they waited for memory", style) + bars(causes, style);
  }
  return text + "\n" + top_causes(stalls, style);
}

std::string level_line(std::string_view level, double bandwidth, BytesPerSecond peak,
                       std::string_view of_what) {
  return fmt::format("  {:<9}  {:>10}, {} of {} ({})\n", level, bandwidth_text(bandwidth),
                     percent_text(bandwidth / per_second(peak)), bandwidth_text(per_second(peak)),
                     of_what);
}

std::string littles_law(const Figures& figures, double reachable, Bound bound) {
  if (!(figures.bytes_in_flight > 0)) return {};
  std::string text = fmt::format("  in flight  {} / {} = {} between SMs and L2 (Little's law)\n",
                                 bytes_text(figures.bytes_in_flight),
                                 time_text(figures.flight_time), bandwidth_text(figures.l2));
  if (bound == Bound::latency) {
    text += fmt::format("             {} in flight would fill the DRAM at this latency\n",
                        bytes_text(reachable * figures.flight_time));
  }
  return text;
}

std::string verdict(const RunResult& result, const KernelResult& total, const RunContext& context,
                    const TextStyle& style) {
  const Limits& limits = context.limits;
  const Figures figures = figures_of(total, context.gpu);
  const Bound bound = bound_of(figures, limits);
  const BytesPerSecond reachable = limits.dram_to_sms.bandwidth;
  std::string text =
      "\n" + heading(fmt::format("{}: {}", text_of(bound).name, text_of(bound).meaning), style);
  text += level_line("DRAM", figures.dram(), limits.peaks.dram, "its pins");
  text += level_line("", figures.dram(), reachable, "max flow: " + limits.dram_to_sms.cut);
  text += level_line("crossbar", figures.l2_read,
                     std::min(limits.peaks.slice_ports, limits.peaks.sm_ports), "its reply ports");
  text += level_line("L2", figures.l2, limits.peaks.l2, "its data arrays");
  text += littles_law(figures, per_second(reachable), bound);
  const stats::LatencyHistogram& loads = total.load_latency;
  if (loads.count() > 0) {
    text +=
        fmt::format("  loads      mean {}, median {}, 99 % {}, max {}\n",
                    time_text(figures.load_latency), time_text(seconds(loads.percentile(0.5))),
                    time_text(seconds(loads.percentile(0.99))), time_text(seconds(loads.max())));
  }
  dram::Counters all;
  for (const dram::Counters& channel : result.channels) stats::add(all, channel, dram::kCounters);
  text += energy_lines(
      energy_figures(context.gpu.memory.part, context.gpu.memory.channels, all, result.dram_time),
      style);
  text += board_lines(board_figures(result, context.gpu), context.gpu, style);
  return text;
}

std::string warning_lines(std::span<const trace::Warning> warnings, const TextStyle& style) {
  if (warnings.empty()) return {};
  std::string text = "\n" + heading("Warnings", style);
  for (const trace::Warning& warning : warnings.first(std::min(warnings.size(), kWarnings))) {
    text += fmt::format("  {} ({} times)\n", warning.text, count_text(warning.times));
  }
  if (warnings.size() > kWarnings) {
    text += fmt::format("  and {} more kinds\n", warnings.size() - kWarnings);
  }
  return text;
}

}  // namespace

std::string run_summary(const RunResult& result, const RunContext& context,
                        const TextStyle& style) {
  const KernelResult total = total_of(result);
  std::string text = header(result, context, style);
  text += copies_line(result, context.gpu, false) + copies_line(result, context.gpu, true);
  if (total.pages.faults > 0) text += pages_line(total.pages);
  if (!result.kernels.empty()) {
    text += kernel_table(result, total, context, style) + sampling_line(total);
    text += stall_bars(total.stalls, style);
    text += verdict(result, total, context, style);
  }
  text += assumption_lines(assumptions_of(context.gpu.sources), kAssumedKeys, style);
  return text + warning_lines(context.warnings, style);
}

}  // namespace strobe::report
