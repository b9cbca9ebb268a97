#pragma once

#include "sim/stats/counters.h"

namespace strobe::cpu {

struct Counters {
  std::uint64_t read_bytes = 0;
  std::uint64_t written_bytes = 0;
  std::uint64_t reads = 0;
  std::uint64_t read_ps = 0;
  std::uint64_t held_up_ps = 0;
};

inline constexpr stats::Described<Counters> kCounterTable[] = {
    {"read_bytes", stats::Unit::bytes, "bytes that the CPU's load read", &Counters::read_bytes},
    {"written_bytes", stats::Unit::bytes, "bytes that it wrote", &Counters::written_bytes},
    {"reads", stats::Unit::requests, "reads that it did", &Counters::reads},
    {"read_ps", stats::Unit::picoseconds, "those, times the time until their data were back",
     &Counters::read_ps},
    {"held_up_ps", stats::Unit::picoseconds,
     "time that it had all it may have under way, summed over its pseudo-channels",
     &Counters::held_up_ps},
};
static_assert(stats::describes_every_counter(kCounterTable));

}  // namespace strobe::cpu
