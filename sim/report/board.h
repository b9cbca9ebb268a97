#pragma once

// What a whole board has taken, for result files and the terminal alike.

#include <optional>
#include <string>

#include "sim/device/board_energy.h"
#include "sim/report/columns.h"
#include "sim/report/text.h"

namespace strobe::report {

// Not a number where the GPU's file has no [energy].
struct BoardFigures {
  device::BoardEnergy energy;  // J
  double time = 0;             // s over which it was taken

  double power() const;  // W; not a number where no time went by
};

// While the kernel, or all kernels of a run, are on the board; their launches are not.
BoardFigures board_figures(const device::KernelResult& kernel, const device::GpuSpec& gpu);
BoardFigures board_figures(const device::RunResult& result, const device::GpuSpec& gpu);

// "  board      1.234 mJ, 187.3 W of 250.0 W", and below it the share of each part; nothing where
// it is not known.
std::string board_lines(const BoardFigures& figures, const device::GpuSpec& gpu,
                        const TextStyle& style);

// "clock 1,005 MHz (power cap 70.00 W)"; nothing where nothing holds it down.
std::string held_clock(Kilohertz clock, const std::optional<dram::Microwatts>& power_cap);

// "idle 17%, dram 30%, ..."
std::string board_shares(const device::BoardEnergy& energy);

// A variable for each share of the energy, for the sum and for the power. `figures` gives those of
// a row; a sink is Columns for many rows or Fields for one.
template <template <class> class Sink, class Row, class Of>
void add_board(Sink<Row>& columns, Of figures) {
  for (const device::BoardEnergyShare& share : device::kBoardEnergyShares) {
    columns.add({"board_energy_" + std::string(share.name), "J",
                 "energy of the board: " + std::string(share.meaning)},
                [&](const Row& row) { return figures(row).energy.*share.energy; });
  }
  columns.add({"board_energy", "J", "energy of the board, all of it"},
              [&](const Row& row) { return figures(row).energy.total(); });
  columns.add({"board_power", "W", "mean power of the board"},
              [&](const Row& row) { return figures(row).power(); });
}

}  // namespace strobe::report
