// How the facts of a trace look on the terminal.

#include <fmt/format.h>

#include "sim/trace/facts.h"

namespace strobe::trace {
namespace {

std::string grouped(std::uint64_t value) {
  std::string digits = std::to_string(value);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

std::string bytes_text(std::uint64_t bytes) {
  constexpr const char* kUnits[] = {"KiB", "MiB", "GiB", "TiB"};
  double value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  for (; value >= 1024 && unit < 3; ++unit) value /= 1024;
  return fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::string counts_text(const Counts& counts) {
  std::string text =
      fmt::format("  CTAs {}  warps {} (empty {})  warp instructions {}  thread instructions {}\n",
                  grouped(counts.ctas), grouped(counts.warps), grouped(counts.empty_warps),
                  grouped(counts.warp_instructions), grouped(counts.thread_instructions));
  text += "  requests:";
  bool has_any = false;
  for (std::size_t i = 0; i < kRequestKindCount; ++i) {
    if (counts.requests[i] == 0) continue;
    text += fmt::format("{} {} {}", has_any ? "," : "", name_of(static_cast<RequestKind>(i)),
                        grouped(counts.requests[i]));
    has_any = true;
  }
  text += has_any ? "\n" : " none\n";
  text += fmt::format("  sectors asked: load {}  store {}  atomic {}\n", grouped(counts.asked.load),
                      grouped(counts.asked.store), grouped(counts.asked.atomic));
  text += fmt::format("  distinct sectors: load {}  store {}  atomic {}  footprint {} = {}\n",
                      grouped(counts.distinct.load), grouped(counts.distinct.store),
                      grouped(counts.distinct.atomic), grouped(counts.footprint_sectors),
                      bytes_text(counts.footprint_sectors * 32));
  return text;
}

std::string header_text(const KernelHeader& header) {
  return fmt::format(
      "  {}\n  sm_{}  tracer version {}  grid ({},{},{})  block ({},{},{})  registers {}  "
      "shared {} B\n",
      header.name, header.architecture,
      header.tracer_version == 0 ? std::string("none") : std::to_string(header.tracer_version),
      header.grid[0], header.grid[1], header.grid[2], header.block[0], header.block[1],
      header.block[2], header.registers, header.shared_bytes);
}

}  // namespace

std::string_view name_of(RequestKind kind) {
  constexpr std::array<std::string_view, kRequestKindCount> kNames{
      "global load", "global store", "global atomic", "global reduction", "async copy",
      "local load",  "local store",  "shared load",   "shared store",     "shared atomic"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::string to_text(const Facts& facts) {
  std::string text;
  for (const KernelFacts& kernel : facts.kernels) {
    text += kernel.file + "\n" + header_text(kernel.header) + counts_text(kernel.counts);
  }
  if (facts.kernels.size() > 1) {
    text += fmt::format("all {} kernels\n", facts.kernels.size()) + counts_text(facts.total);
  }
  text += fmt::format("host copies: {}, {} bytes\n", grouped(facts.copies),
                      grouped(facts.copied_bytes));
  for (const Warning& warning : facts.warnings) {
    text += fmt::format("warning: {} ({} times)\n", warning.text, grouped(warning.times));
  }
  return text;
}

}  // namespace strobe::trace
