#include "sim/report/power_rows.h"

#include <algorithm>
#include <string>

#include "sim/report/memory_rows.h"

namespace strobe::report {

std::vector<double> interval_lengths(std::size_t count, Picoseconds interval, Instant end) {
  std::vector<double> lengths(count, seconds(interval));
  if (count == 0) return lengths;
  const Picoseconds last_start = interval * static_cast<std::int64_t>(count - 1);
  const Picoseconds rest = end.since_start() - last_start;
  if (rest > Picoseconds(0)) lengths.back() = std::min(lengths.back(), seconds(rest));
  return lengths;
}

std::vector<double> watts_of(const dram::EnergyOverTime& energy, std::span<const double> lengths) {
  std::vector<double> watts;
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    for (const std::vector<std::uint64_t>& share : energy.femtojoules) {
      const double amount = i < share.size() ? static_cast<double>(share[i]) : 0;
      watts.push_back(amount * 1e-15 / lengths[i]);
    }
  }
  return watts;
}

void write_power(Hdf5Group& group, const dram::EnergyOverTime& energy,
                 std::span<const double> lengths) {
  std::vector<std::string> names;
  for (const dram::EnergyShare& share : dram::kEnergyShares) names.emplace_back(share.name);
  const std::vector<double> watts = watts_of(energy, lengths);
  group.coordinate({"energy_share", "1", "what the DRAM consumed it for"},
                   std::span<const std::string>(names));
  group.variable({"dram_power", "W", "power of the DRAM, by what it was consumed for"},
                 {"time", "energy_share"}, std::span<const double>(watts));
}

}  // namespace strobe::report
