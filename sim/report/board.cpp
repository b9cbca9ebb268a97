#include "sim/report/board.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <vector>

namespace strobe::report {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

}  // namespace

double BoardFigures::power() const {
  return time > 0 ? energy.total() / time : kUnknown;
}

BoardFigures board_figures(const device::KernelResult& kernel, const device::GpuSpec& gpu) {
  const double time = static_cast<double>(kernel.time().count()) * 1e-12;
  if (gpu.energy) return {device::energy_of(kernel, gpu), time};
  device::BoardEnergy unknown;
  for (const device::BoardEnergyShare& share : device::kBoardEnergyShares) {
    unknown.*share.energy = kUnknown;
  }
  return {unknown, time};
}

BoardFigures board_figures(const device::RunResult& result, const device::GpuSpec& gpu) {
  BoardFigures sum;
  for (const device::KernelResult& kernel : result.kernels) {
    const BoardFigures each = board_figures(kernel, gpu);
    sum.energy += each.energy;
    sum.time += each.time;
  }
  return sum;
}

std::string held_clock(Kilohertz clock, const std::optional<dram::Microwatts>& power_cap) {
  if (!power_cap) return {};
  return fmt::format("clock {} (power cap {})", frequency_text(clock),
                     power_text(static_cast<double>(power_cap->count()) * 1e-6));
}

std::string board_shares(const device::BoardEnergy& energy) {
  std::vector<const device::BoardEnergyShare*> shares;
  for (const device::BoardEnergyShare& share : device::kBoardEnergyShares) {
    if (energy.*share.energy > 0) shares.push_back(&share);
  }
  std::ranges::stable_sort(
      shares, [&](const auto* a, const auto* b) { return energy.*a->energy > energy.*b->energy; });
  std::string text;
  for (const device::BoardEnergyShare* share : shares) {
    text += fmt::format("{}{} {:.0f}%", text.empty() ? "" : ", ", share->name,
                        100 * (energy.*share->energy) / energy.total());
  }
  return text;
}

std::string board_lines(const BoardFigures& figures, const device::GpuSpec& gpu,
                        const TextStyle& style) {
  if (!(figures.power() > 0)) return {};
  constexpr std::string_view kBlank = "             ";
  std::string text = fmt::format("  board      {}, {} of {}\n", energy_text(figures.energy.total()),
                                 power_text(figures.power()),
                                 power_text(static_cast<double>(gpu.board.power.count()) * 1e-6));
  const std::string clock = held_clock(gpu.sm.clock, gpu.power_cap);
  if (!clock.empty()) text += fmt::format("{}{}\n", kBlank, clock);
  for (const std::string& line :
       wrapped(board_shares(figures.energy), style.width - kBlank.size())) {
    text += fmt::format("{}{}\n", kBlank, line);
  }
  return text;
}

}  // namespace strobe::report
