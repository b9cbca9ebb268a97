#pragma once

#include "sim/base/check.h"
#include "sim/base/units.h"

namespace strobe {

// Turns cycle counts into instants and back. The period need not be a whole number of
// picoseconds: 3.2 GHz ticks every 312.5 ps, so edge n falls at floor(n * 10^9 / kHz) and the
// rounding never adds up. (A stored period of 312 ps would run 0.16% fast, more than the error we
// hope to measure.)
class Clock {
 public:
  constexpr explicit Clock(Kilohertz frequency) : cycles_per_ms_(frequency.count()) {
    STROBE_CHECK(cycles_per_ms_ > 0);
  }

  constexpr Kilohertz frequency() const { return Kilohertz(cycles_per_ms_); }

  constexpr Instant edge(Cycles n) const {
    const auto [whole_ms, rest] = split(n.count(), cycles_per_ms_);
    return Instant(
        Picoseconds(whole_ms * kPicosecondsPerMs + rest * kPicosecondsPerMs / cycles_per_ms_));
  }

  // The number of the first edge that is not before `at`.
  constexpr Cycles first_edge_from(Instant at) const {
    const auto [whole_ms, rest] = split(at.since_start().count(), kPicosecondsPerMs);
    return Cycles(whole_ms * cycles_per_ms_ +
                  (rest * cycles_per_ms_ + kPicosecondsPerMs - 1) / kPicosecondsPerMs);
  }

  // The fewest whole cycles that last at least `duration` (JEDEC: RU(t / tCK)).
  constexpr Cycles cycles_covering(Picoseconds duration) const {
    return first_edge_from(Instant(duration));
  }

 private:
  struct Split {
    std::int64_t whole, rest;
  };
  // Splitting off whole milliseconds first keeps every product below 2^63 for clocks up to 9 THz.
  static constexpr Split split(std::int64_t value, std::int64_t per_ms) {
    return {value / per_ms, value % per_ms};
  }

  static constexpr std::int64_t kPicosecondsPerMs = 1'000'000'000;
  std::int64_t cycles_per_ms_;  // a frequency in kHz is exactly this
};

}  // namespace strobe
