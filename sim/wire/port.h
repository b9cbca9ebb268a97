#pragma once

// One side of the crossbar: a port passes so many bytes each cycle of its clock, one packet after
// another. The crossbar itself is these ports and a flight time between them (docs/decisions/0002):
// what contends is an SM's port and a slice's port, the switch between is non-blocking.

#include "sim/base/units.h"
#include "sim/kernel/clock.h"

namespace strobe::wire {

class Port {
 public:
  Port(Kilohertz clock, std::int64_t bytes_per_cycle)
      : clock_(clock), bytes_per_cycle_(static_cast<std::uint64_t>(bytes_per_cycle)) {
    STROBE_CHECK(bytes_per_cycle > 0);
  }

  struct Passage {
    Instant first, last;  // when the first byte goes in and the last byte is through
  };

  // Sends `bytes` as soon as the port is free at or after `now`, behind what was sent before.
  Passage pass(Instant now, std::int64_t bytes) {
    const auto cycles = static_cast<std::int64_t>(bytes_per_cycle_.quotient(
        static_cast<std::uint64_t>(bytes) + bytes_per_cycle_.divisor() - 1));
    Instant first = free_at_;
    if (now > free_at_) {
      free_from_ = clock_.first_edge_from(now);
      first = clock_.edge(free_from_);
    }
    free_from_ += Cycles(cycles);
    free_at_ = clock_.edge(free_from_);
    busy_ += Cycles(cycles);
    return {first, free_at_};
  }

  Cycles busy() const { return busy_; }

 private:
  Clock clock_;
  Divider bytes_per_cycle_;
  Cycles free_from_, busy_;
  Instant free_at_;  // edge of free_from_
};

}  // namespace strobe::wire
