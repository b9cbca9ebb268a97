#pragma once

#include "sim/base/check.h"
#include "sim/base/divider.h"
#include "sim/base/units.h"

namespace strobe {

// Turns cycle counts into instants and back. The period need not be a whole number of
// picoseconds: 3.2 GHz ticks every 312.5 ps, so edge n falls at floor(n * 10^9 / kHz) and the
// rounding never adds up. (A stored period of 312 ps would run 0.16% fast, more than the error we
// hope to measure.)
class Clock {
 public:
  constexpr explicit Clock(Kilohertz frequency)
      : cycles_per_ms_(static_cast<std::uint64_t>(frequency.count())) {
    STROBE_CHECK(frequency.count() > 0);
  }

  constexpr Kilohertz frequency() const {
    return Kilohertz(static_cast<std::int64_t>(cycles_per_ms_.divisor()));
  }

  // Neither takes numbers below 0: nothing happens before the start.
  constexpr Instant edge(Cycles n) const {
    STROBE_ASSERT(n >= Cycles(0));
    const auto count = static_cast<std::uint64_t>(n.count());
    if (count < kUnsplit) {
      return Instant(Picoseconds(
          static_cast<std::int64_t>(cycles_per_ms_.quotient(count * kPicosecondsPerMs))));
    }
    const auto [whole_ms, rest] = cycles_per_ms_.divide(count);
    return Instant(Picoseconds(static_cast<std::int64_t>(
        whole_ms * kPicosecondsPerMs + cycles_per_ms_.quotient(rest * kPicosecondsPerMs))));
  }

  // The number of the first edge that is not before `at`.
  constexpr Cycles first_edge_from(Instant at) const {
    STROBE_ASSERT(at >= Instant());
    const auto ps = static_cast<std::uint64_t>(at.since_start().count());
    const std::uint64_t whole_ms = ps / kPicosecondsPerMs, rest = ps % kPicosecondsPerMs;
    const std::uint64_t cycles_in_rest =
        (rest * cycles_per_ms_.divisor() + kPicosecondsPerMs - 1) / kPicosecondsPerMs;
    return Cycles(static_cast<std::int64_t>(whole_ms * cycles_per_ms_.divisor() + cycles_in_rest));
  }

  // The fewest whole cycles that last at least `duration` (JEDEC: RU(t / tCK)).
  constexpr Cycles cycles_covering(Picoseconds duration) const {
    return first_edge_from(Instant(duration));
  }

 private:
  // Splitting off whole milliseconds first keeps every product below 2^63 for clocks up to 9 THz.
  static constexpr std::uint64_t kPicosecondsPerMs = 1'000'000'000;
  // For so many cycles, seconds of any clock, it need not be done.
  static constexpr std::uint64_t kUnsplit = std::uint64_t{1} << 34;
  Divider cycles_per_ms_;  // a frequency in kHz is exactly this
};

}  // namespace strobe
