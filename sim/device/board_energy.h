#pragma once

// What a board takes while kernels run, are launched, and while the host copies: what was counted
// times the energy of each (docs/ENERGY.md). All of it is what flows into the board, so that a sum
// over time is what its power sensor shows.

#include "sim/device/energy_shares.h"
#include "sim/device/result.h"
#include "sim/device/spec.h"

namespace strobe::device {

// Of the whole kernel, what sampling left out included; its launch is not. REQUIRES: gpu.energy.
BoardEnergy energy_of(const KernelResult& kernel, const GpuSpec& gpu);

// Of the same without idling and regulators, and without rounds of loops that were left out.
// REQUIRES: gpu.energy.
BoardEnergy work_of(const KernelResult& kernel, const GpuSpec& gpu);

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
