#pragma once

// What a memory has consumed: commands times the energy of each, and time times the power of
// standing by. Nothing is estimated from bandwidth, so an access pattern that opens more rows costs
// more. Data are taken to be random: half of the wires change with every beat.

#include <array>
#include <string_view>

#include "sim/model/dram/counters.h"
#include "sim/model/dram/spec.h"

namespace strobe::dram {

// In joules.
struct Energy {
  double activate = 0;
  double read = 0;
  double write = 0;
  double pins = 0;
  double refresh = 0;
  double standby = 0;

  double total() const { return activate + read + write + pins + refresh + standby; }
};

struct EnergyShare {
  std::string_view name, meaning;
  double Energy::*energy;
};
inline constexpr std::array<EnergyShare, 6> kEnergyShares{{
    {"activate", "opening and closing rows", &Energy::activate},
    {"read", "reads, between cells and pins", &Energy::read},
    {"write", "writes, between pins and cells", &Energy::write},
    {"pins", "data on the pins", &Energy::pins},
    {"refresh", "refreshes", &Energy::refresh},
    {"standby", "standing by, with rows open or closed", &Energy::standby},
}};

// Of `channels` channels of the part that counted `counters` in `time`.
Energy energy_of(const PartSpec& part, std::uint32_t channels, const Counters& counters,
                 Picoseconds time);

}  // namespace strobe::dram
