#pragma once

// The shares of a board's energy (board_energy.h).

#include <array>
#include <string_view>

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

}  // namespace strobe::device
