#include "sim/report/energy.h"

#include <fmt/format.h>

#include <limits>

namespace strobe::report {

namespace {

double over(double amount, double of) {
  return of > 0 ? amount / of : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

double EnergyFigures::power() const {
  return over(energy.total(), time);
}

double EnergyFigures::per_bit() const {
  return over(energy.total(), bits);
}

EnergyFigures energy_figures(const dram::PartSpec& part, std::uint32_t channels,
                             const dram::Counters& counters, Picoseconds time) {
  const double bursts = static_cast<double>(counters.reads + counters.writes);
  return {dram::energy_of(part, channels, counters, time),
          static_cast<double>(time.count()) * 1e-12,
          bursts * static_cast<double>(part.geometry.burst.count()) * 8};
}

std::string energy_lines(const EnergyFigures& figures, const TextStyle& style) {
  const double total = figures.energy.total();
  if (!(total > 0)) return {};
  constexpr std::string_view kTitle = "  energy     ", kBlank = "             ";
  std::string text = fmt::format("{}{}, {}, {} a bit\n", kTitle, energy_text(total),
                                 power_text(figures.power()), energy_text(figures.per_bit()));
  std::string shares;
  for (const dram::EnergyShare& share : dram::kEnergyShares) {
    const double part = figures.energy.*share.energy;
    if (part == 0) continue;
    shares +=
        fmt::format("{}{} {:.0f}%", shares.empty() ? "" : ", ", share.name, 100 * part / total);
  }
  for (const std::string& line : wrapped(shares, style.width - kBlank.size())) {
    text += fmt::format("{}{}\n", kBlank, line);
  }
  return text;
}

}  // namespace strobe::report
