#pragma once

// What the CPU asks of a memory that it shares with the GPU, of one of the memory's
// pseudo-channels.

#include <cstdint>

#include "sim/base/units.h"

namespace strobe::cpu {

struct Spec {
  BytesPerSecond load;             // that it offers; 0: it is idle
  Bytes line;                      // of its caches, a request each
  std::uint32_t read_percent = 0;  // of its requests
  Bytes run;                       // of addresses that follow each other, then it jumps
  Bytes footprint;                 // in which it jumps
  std::uint32_t lines_in_flight = 0;
  Picoseconds path;  // to the memory, one way
};

}  // namespace strobe::cpu
