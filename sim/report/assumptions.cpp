#include "sim/report/assumptions.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace strobe::report {
namespace {

// Those first in which a guess moves a result most.
constexpr std::string_view kMemoryPath[] = {"l2.",    "memory.", "crossbar.",
                                            "sm.l1.", "timing.", "controller."};  // of a part alone

bool ends_in(std::string_view value, std::span<const std::string_view> units) {
  return std::ranges::any_of(units, [value](std::string_view unit) {
    return value.ends_with(unit) && value.size() > unit.size() &&
           value[value.size() - unit.size() - 1] == ' ';
  });
}

std::string listing(std::string_view what, std::span<const std::string> keys, std::size_t listed) {
  if (keys.empty()) return {};
  std::string text;
  for (std::size_t i = 0; i < std::min(listed, keys.size()); ++i) {
    text += (i == 0 ? "" : ", ") + keys[i];
  }
  if (keys.size() > listed) text += fmt::format(" and {} more", keys.size() - listed);
  return fmt::format("; {}: {}", what, text);
}

}  // namespace

Assumptions assumptions_of(std::span<const device::Sourced> sources) {
  constexpr std::string_view kTimes[] = {"ps", "ns", "us", "tCK", "cycles", "cycle"};
  constexpr std::string_view kRates[] = {"B/cycle", "B/s", "GB/s", "Gb/s", "MHz", "GHz"};
  constexpr std::string_view kCounted[] = {"l2.slices", "memory.channels"};
  Assumptions result;
  const auto is_assumed = [](const device::Sourced& number) { return number.from == "assumed"; };
  result.numbers = sources.size();
  result.assumed = static_cast<std::size_t>(std::ranges::count_if(sources, is_assumed));
  for (const std::string_view section : kMemoryPath) {
    for (const device::Sourced& number : sources) {
      if (!is_assumed(number) || !number.key.starts_with(section)) continue;
      const bool is_counted = std::ranges::find(kCounted, number.key) != std::end(kCounted);
      if (ends_in(number.value, kTimes)) {
        result.latencies.push_back(number.key);
      } else if (is_counted || ends_in(number.value, kRates)) {
        result.bandwidths.push_back(number.key);
      }
    }
  }
  return result;
}

std::string assumption_lines(const Assumptions& assumptions, std::size_t listed,
                             const TextStyle& style) {
  if (assumptions.assumed == 0) return {};
  const std::string line =
      fmt::format("{} of {} numbers", assumptions.assumed, assumptions.numbers) +
      listing("latency", assumptions.latencies, listed) +
      listing("bandwidth", assumptions.bandwidths, listed);
  constexpr std::string_view kTitle = "  assumed    ", kBlank = "             ";
  std::string text;
  for (const std::string& part : wrapped(line, style.width - kTitle.size())) {
    text += fmt::format("{}{}\n", text.empty() ? kTitle : kBlank, part);
  }
  return text;
}

}  // namespace strobe::report
