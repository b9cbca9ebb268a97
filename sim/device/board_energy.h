#pragma once

// What a board takes while kernels run, are launched, and while the host copies: what was counted
// times the energy of each (docs/ENERGY.md). All of it is what flows into the board, so that a sum
// over time is what its power sensor shows.

#include <array>
#include <string_view>

#include "sim/device/result.h"
#include "sim/device/spec.h"

namespace strobe::device {

// In joules.
struct BoardEnergy {
  double idle = 0;
  double sms = 0;
  double instructions = 0;
  double arithmetic = 0;
  double tensor = 0;
  double shared = 0;
  double l1 = 0;
  double l2 = 0;
  double link = 0;
  double dram = 0;
  double regulators = 0;

  double total() const;
  BoardEnergy& operator+=(const BoardEnergy& other);
  BoardEnergy operator*(double times) const;
};

struct BoardEnergyShare {
  std::string_view name, meaning;
  double BoardEnergy::*energy;
};
inline constexpr std::array<BoardEnergyShare, 11> kBoardEnergyShares{{
    {"idle", "the board, doing nothing", &BoardEnergy::idle},
    {"sms", "SMs that have warps, whatever these do", &BoardEnergy::sms},
    {"instructions", "fetch, decode, issue and registers", &BoardEnergy::instructions},
    {"arithmetic", "lanes of the arithmetic pipes", &BoardEnergy::arithmetic},
    {"tensor", "tensor cores", &BoardEnergy::tensor},
    {"shared", "shared memory", &BoardEnergy::shared},
    {"l1", "L1", &BoardEnergy::l1},
    {"l2", "crossbar and L2", &BoardEnergy::l2},
    {"link", "links to the host and to a memory on another die", &BoardEnergy::link},
    {"dram", "DRAM, beyond its standby", &BoardEnergy::dram},
    {"regulators", "lost in voltage regulators", &BoardEnergy::regulators},
}};

// Of the whole kernel, what sampling left out included; its launch is not. REQUIRES: gpu.energy.
BoardEnergy energy_of(const KernelResult& kernel, const GpuSpec& gpu);

// Of `seconds` in which no kernel runs. REQUIRES: gpu.energy.
BoardEnergy energy_of_waiting(double seconds, const GpuSpec& gpu);

// Of a copy from the host, with the board's waiting for it. REQUIRES: gpu.energy.
BoardEnergy energy_of_copy(double bytes, double seconds, const GpuSpec& gpu);

// Volts at `clock`: the line through both known points, and level below the lower one.
double voltage_at(Kilohertz clock, const EnergySpec& energy);

// Watts of the board that is ready and does nothing. Beyond `idle_slow` they go with the clock and
// the square of its voltage.
double idle_power_at(Kilohertz clock, const EnergySpec& energy);

}  // namespace strobe::device
