#pragma once

// What was not simulated of a kernel, and what that was taken to last.

#include <cstdint>

#include "sim/base/units.h"
#include "sim/device/energy_shares.h"

namespace strobe::device {

struct LeftOut {
  std::uint64_t ctas = 0;
  std::uint64_t rounds = 0;  // of the main loop, in each of the CTAs that were simulated
  std::uint32_t shares = 1;  // of the machine: one was simulated for all (machine_share.h)
  Picoseconds time;
  Picoseconds rounds_time;    // the part of it that rounds take,
  BoardEnergy rounds_energy;  // and what they take without idling and regulators
  double spread = 0;          // of the waves whose time was taken: (longest - shortest) / shortest
};

}  // namespace strobe::device
