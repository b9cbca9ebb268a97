#pragma once

// One slice of the L2 cache, or one bank of a system-level cache, which is the same array of lines
// on the memory's side.

#include <cstdint>
#include <optional>

#include "sim/base/units.h"

namespace strobe::l2 {

// The way between the two partitions of an L2 (docs/decisions/0007).
struct CrossingSpec {
  Picoseconds latency;               // one way
  std::int64_t bytes_per_cycle = 0;  // of a slice, one way, headers included
};

struct Spec {
  Kilohertz clock;
  Bytes capacity;  // of one slice
  std::uint32_t ways = 0;
  std::uint32_t miss_lines = 0;      // lines that may be missing at once
  std::uint32_t miss_merges = 0;     // requests that may wait for missing lines, all together
  std::uint32_t write_backs = 0;     // dirty lines that may be under way to the DRAM at once
  std::int64_t bytes_per_cycle = 0;  // of the data array
  Picoseconds hit_latency;           // from the tag lookup until the data is at the reply port
  Picoseconds dram_path;             // L2 to DRAM controller and back, both ways together
  std::optional<CrossingSpec> crossing{};
  bool coalesces_bulk_reads = false;  // coalescing.cpp
  Bytes sector_promotion{32};         // what comes at least, aligned, when a load misses a sector
  bool keeps_all = true;  // false: takes in only what the CPU asks for; of the rest it has what is
                          // there already, and what is not passes it by
};

}  // namespace strobe::l2
