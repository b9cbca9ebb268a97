#pragma once

// What a DRAM has consumed, for result files and the terminal alike.

#include <string>

#include "sim/model/dram/energy.h"
#include "sim/report/columns.h"
#include "sim/report/text.h"

namespace strobe::report {

struct EnergyFigures {
  dram::Energy energy;  // J
  double time = 0;      // s over which it was consumed
  double bits = 0;      // moved on the pins in that time

  // Not a number where no time went by or nothing moved.
  double power() const;    // W
  double per_bit() const;  // J
};

EnergyFigures energy_figures(const dram::PartSpec& part, std::uint32_t channels,
                             const dram::Counters& counters, Picoseconds time);

// "  energy     1.234 mJ, 45.10 W, 4.520 pJ a bit", and below it the share of each part.
std::string energy_lines(const EnergyFigures& figures, const TextStyle& style);

// A variable for each share of the energy, for the power and for the energy of a bit. `figures`
// gives those of a row; a sink is Columns for many rows or Fields for one.
template <template <class> class Sink, class Row, class Of>
void add_energy(Sink<Row>& columns, const std::string& prefix, Of figures) {
  for (const dram::EnergyShare& share : dram::kEnergyShares) {
    columns.add({prefix + "energy_" + std::string(share.name), "J",
                 "energy of the DRAM: " + std::string(share.meaning)},
                [&](const Row& row) { return figures(row).energy.*share.energy; });
  }
  columns.add({prefix + "energy", "J", "energy of the DRAM, all of it"},
              [&](const Row& row) { return figures(row).energy.total(); });
  columns.add({prefix + "power", "W", "mean power of the DRAM"},
              [&](const Row& row) { return figures(row).power(); });
  columns.add({prefix + "energy_per_bit", "J", "energy of the DRAM over bits read and written"},
              [&](const Row& row) { return figures(row).per_bit(); });
}

}  // namespace strobe::report
