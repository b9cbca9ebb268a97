#pragma once

// What a GPU's work costs outside of its memory parts, as read from [energy] of its file
// (docs/ENERGY.md). Energies are those at the higher of two clocks whose voltages are known; at
// another clock they change with the square of the voltage.

#include <array>
#include <cstddef>

#include "sim/base/units.h"
#include "sim/model/dram/spec.h"

namespace strobe::device {

using Millivolts = Quantity<struct MillivoltUnit>;

// The pipes whose work is counted by the lane: the first six of sm::Pipe.
inline constexpr std::size_t kLanePipeCount = 6;

struct EnergySpec {
  // Of the board, ready and doing nothing, its memory's standby included: at high_clock, and what
  // is left of it at the lowest clocks of the chip. Between them it goes with what clocks take.
  dram::Microwatts idle, idle_slow;
  Kilohertz low_clock, high_clock;
  Millivolts low_voltage, high_voltage;
  dram::Femtojoules sm_cycle;     // of an SM with warps, beyond what it takes without
  dram::Femtojoules instruction;  // of a warp: fetch, decode, issue, the registers of its lanes
  std::array<dram::Femtojoules, kLanePipeCount> lanes{};  // of one lane in the pipe
  dram::Femtojoules tensor_cycle;   // of a sub-partition's tensor core, with any type of operand
  dram::Femtojoules shared_byte;    // of shared memory's passes
  dram::Femtojoules l1_byte;        // asked of the L1
  dram::Femtojoules l2_byte;        // between an SM and the L2, crossbar and slice
  dram::Femtojoules crossing_byte;  // between two partitions of an L2; nothing where it has one
  dram::Femtojoules link_byte;      // to a memory on another die; nothing where it is on this one
  dram::Femtojoules host_byte;      // over the host link, both ends; nothing on unified memory
  double regulator_loss = 0;        // share of what chip and memory take that never gets there
};

}  // namespace strobe::device
