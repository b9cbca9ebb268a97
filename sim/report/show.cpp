#include "sim/report/show.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/kernel/clock.h"
#include "sim/report/assumptions.h"

namespace strobe::report {
namespace {

using device::FlowBound;
using device::GpuSpec;
using device::Sourced;

constexpr std::size_t kSourceAtLeast = 24;  // columns; narrower, sources become towers of words

// "sm.l1.hit_latency" is number "l1.hit_latency" of section "sm"; a key without dots stands alone.
std::string_view section_of(std::string_view key) {
  const std::size_t dot = key.find('.');
  return dot == key.npos ? std::string_view{} : key.substr(0, dot);
}
std::string_view within_section(std::string_view key) {
  const std::string_view section = section_of(key);
  return section.empty() ? key : key.substr(section.size() + 1);
}

struct Widths {
  std::size_t key = 0, value = 0, from = 0;
  std::size_t before_source() const { return 2 + key + 2 + value + 2 + from + 2; }
};

std::string number_lines(const Sourced& number, std::string_view source_text, const Widths& widths,
                         const TextStyle& style) {
  const std::size_t before = widths.before_source();
  const std::size_t room = std::max(kSourceAtLeast, style.width - std::min(before, style.width));
  const std::vector<std::string> source = wrapped(source_text, room);
  std::string text =
      fmt::format("  {:<{}}  {:>{}}  {:<{}}  {}", within_section(number.key), widths.key,
                  number.value, widths.value, number.from, widths.from, source.front());
  text.erase(text.find_last_not_of(' ') + 1);
  text += '\n';
  for (std::size_t i = 1; i < source.size(); ++i) {
    text += fmt::format("{:{}}{}\n", "", before, source[i]);
  }
  return text;
}

// Sections are headed by their name and file; the board's file and the memory part's both have
// some.
std::string all_numbers(std::span<const Sourced> sources, const TextStyle& style) {
  Widths widths;
  for (const Sourced& number : sources) {
    widths.key = std::max(widths.key, within_section(number.key).size());
    widths.value = std::max(widths.value, number.value.size());
    widths.from = std::max(widths.from, number.from.size());
  }
  std::string text;
  const Sourced* before = nullptr;
  for (const Sourced& number : sources) {
    const bool continues = before != nullptr && before->file == number.file &&
                           section_of(before->key) == section_of(number.key);
    if (!continues) {
      text += "\n" + heading(fmt::format("{} ({})", section_of(number.key), number.file), style);
    }
    const bool repeats = continues && !number.source.empty() && before->source == number.source;
    text += number_lines(number, repeats ? "as above" : number.source, widths, style);
    before = &number;
  }
  return text;
}

std::string bound_line(std::string_view route, const FlowBound& bound) {
  return fmt::format("  {:<14}{:>10}  through {}\n", route,
                     bandwidth_text(per_second(bound.bandwidth)), bound.cut);
}

std::string peak_line(std::string_view what, BytesPerSecond peak) {
  return fmt::format("  {:<14}{:>10}\n", what, bandwidth_text(per_second(peak)));
}

std::string host_line(const device::HostLinkSpec& host) {
  if (host.unified) return "  host and device share the memory\n";
  return fmt::format("  host link: {}, {}\n", host.name,
                     bandwidth_text(per_second(host.bandwidth)));
}

std::string limit_line(std::string_view what, const std::string& value, std::string_view why) {
  return fmt::format("  {:<20}{:>10}  {}\n", what, value, why);
}

// What no order of commands can better.
std::string part_limits(const dram::PartSpec& part) {
  const Clock clock(part.command_clock());
  const auto seconds = [&clock](Cycles cycles) {
    return static_cast<double>((clock.edge(cycles) - Instant()).count()) * 1e-12;
  };
  const auto of = [&](const char* timing) { return seconds(cycles_of(part, timing)); };
  const dram::Geometry& g = part.geometry;
  const double window = find_timing(part, "tFAW") == nullptr ? 0 : of("tFAW") / 4;
  const double activates = std::max({of("tRRD_S"), window, of("tRC") / g.banks()});
  const double bursts = static_cast<double>(g.burst.count()) * g.pseudo_channels * g.channels;
  const Cycles at_rest = cycles_of(part, "tRCDRD") + cycles_of(part, "CL") + part.burst_cycles();
  return limit_line("read at rest", time_text(seconds(at_rest)), "tRCDRD + CL + a burst") +
         limit_line("rows of one bank", time_text(of("tRC")), "apart, tRC") +
         limit_line("a burst of each row", bandwidth_text(bursts / activates),
                    "tRRD_S, tFAW, tRC of all banks") +
         limit_line("one bank group", percent_text(of("tCCD_S") / of("tCCD_L")),
                    "of the pins, tCCD_L") +
         limit_line("all-bank refresh", percent_text(of("tRFCab") / of("tREFI")),
                    "of the time, tRFCab / tREFI");
}

}  // namespace

std::string show_part(const device::SourcedPart& sourced, const TextStyle& style) {
  const dram::PartSpec& part = sourced.part;
  const dram::Geometry& g = part.geometry;
  const double pseudo_channels = static_cast<double>(g.pseudo_channels) * g.channels;
  std::string text = heading(fmt::format("{}: {}", part.name, part.standard), style);
  text += fmt::format(
      "  {} channels of {} x {} bits, {}, {}\n", g.channels, g.pseudo_channels, g.data_bits,
      bandwidth_text(per_second(part.peak_of_pseudo_channel()) * pseudo_channels),
      bytes_text(pseudo_channels * g.banks() * g.rows * static_cast<double>(g.row.count())));
  text += fmt::format("  {} x {} x {} banks (stack IDs, bank groups, banks) of {} rows of {}\n",
                      g.stack_ids, g.bank_groups, g.banks_per_group, count_text(g.rows),
                      bytes_text(static_cast<double>(g.row.count())));
  text += fmt::format("  commands at {}\n", frequency_text(part.command_clock()));
  const Assumptions assumptions = assumptions_of(sourced.sources);
  text += assumption_lines(assumptions, assumptions.assumed, style);
  text += "\n" + heading("On paper", style) + part_limits(part);
  return text + all_numbers(sourced.sources, style);
}

std::string show_gpu(const GpuSpec& gpu, const Limits& limits, const TextStyle& style) {
  std::string text = heading(fmt::format("{}: {}", gpu.name, gpu.title), style);
  text += fmt::format("  {} SMs at {}, {} L2 slices of {} at {}\n", gpu.sms,
                      frequency_text(gpu.sm.clock), gpu.slices,
                      bytes_text(static_cast<double>(gpu.l2.capacity.count())),
                      frequency_text(gpu.l2.clock));
  text += fmt::format("  {} of {} ({}), {} channels\n",
                      bytes_text(static_cast<double>(gpu.memory.capacity)), gpu.memory_kind,
                      gpu.memory.part.name, gpu.memory.channels);
  text += host_line(gpu.host);
  text +=
      fmt::format("  {} W; {} to {}, {} under matrix products\n",
                  gpu.board.power.count() / 1'000'000, frequency_text(gpu.board.base_clock),
                  frequency_text(gpu.board.boost_clock), frequency_text(gpu.board.typical_clock));
  const Assumptions assumptions = assumptions_of(gpu.sources);
  text += assumption_lines(assumptions, assumptions.assumed, style);

  text += "\n" + heading("Peaks", style);
  text += peak_line("DRAM pins", limits.peaks.dram);
  text += peak_line("L2 data", limits.peaks.l2);
  text += peak_line("slice ports", limits.peaks.slice_ports);
  text += peak_line("SM ports", limits.peaks.sm_ports);
  text += peak_line("L1 data", limits.peaks.l1);

  text += "\n" + heading("Bounds (max flow)", style);
  text += bound_line("DRAM to SMs", limits.dram_to_sms);
  text += bound_line("L2 to SMs", limits.l2_to_sms);
  if (!gpu.host.unified) text += bound_line("host to DRAM", limits.host_to_dram);
  return text + all_numbers(gpu.sources, style);
}

std::string list_gpus(std::span<const GpuSpec> gpus, const TextStyle& style) {
  Table table({{"name", "SMs", "memory", "capacity", "pins", "L2"}});
  for (const GpuSpec& gpu : gpus) {
    const auto l2 = static_cast<double>(gpu.slices) * static_cast<double>(gpu.l2.capacity.count());
    table.add({gpu.name, std::to_string(gpu.sms), gpu.memory_kind,
               bytes_text(static_cast<double>(gpu.memory.capacity)),
               bandwidth_text(per_second(device::peaks_of(gpu).dram)), bytes_text(l2)});
  }
  return table.text(style);
}

}  // namespace strobe::report
