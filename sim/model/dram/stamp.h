#pragma once

// Clocks and what they were waited for. Where many are looked at at once they count from an epoch
// that follows the time, so that 32 bits hold them and one vector holds eight.

#include <algorithm>
#include <cstdint>

#include "sim/base/units.h"
#include "sim/model/dram/rules.h"

namespace strobe::dram {

// Clocks since the epoch; kNeverNear after all others.
using Near = std::int32_t;
inline constexpr Near kNeverNear = Near{1} << 25;
inline constexpr Cycles kLongestWait{(1 << 20) - 1};  // spec.cpp refuses rules with longer ones

// Of a command that nothing waits for, and of a stamp that is too old to be told: after any clock
// within reach it still comes before every other.
inline constexpr std::int32_t kNoStamp = INT32_MIN / 2;

// A clock and the reason for waiting until then, in one word, so that the larger of two is one
// comparison and keeps the reason of the rule that binds.
class Stamp {
 public:
  constexpr Stamp() = default;
  constexpr Stamp(Cycles at, Reason reason)
      : bits_((at.count() << kReasonBits) | static_cast<std::int64_t>(reason)) {}
  static constexpr Stamp from_bits(std::int64_t bits) {
    Stamp stamp;
    stamp.bits_ = bits;
    return stamp;
  }
  constexpr Cycles at() const { return Cycles(bits_ >> kReasonBits); }
  constexpr Reason reason() const {
    return static_cast<Reason>(bits_ & ((std::int64_t{1} << kReasonBits) - 1));
  }
  constexpr auto operator<=>(const Stamp&) const = default;

  constexpr std::int64_t bits() const { return bits_; }

  // The stamp that lies `at` clocks later than this one, which holds a wait.
  constexpr Stamp after(Cycles at) const {
    Stamp later = *this;
    later.bits_ += at.count() << kReasonBits;
    return later;
  }

 private:
  std::int64_t bits_ = 0;
};

// The same, counted from an epoch.
class NearStamp {
 public:
  constexpr explicit NearStamp(std::int32_t word) : word_(word) {}
  constexpr Near at() const { return word_ >> kReasonBits; }
  constexpr std::int32_t word() const { return word_; }
  constexpr auto operator<=>(const NearStamp&) const = default;

 private:
  std::int32_t word_;
};

// By value, unlike std::max, whose references compilers keep in memory.
constexpr Stamp later(Stamp a, Stamp b) {
  return a < b ? b : a;
}
constexpr NearStamp later(NearStamp a, NearStamp b) {
  return a < b ? b : a;
}
constexpr Cycles later(Cycles a, Cycles b) {
  return a < b ? b : a;
}

class Epoch {
 public:
#ifdef STROBE_CHECKING
  static constexpr Cycles kReach{1 << 12};  // so that short tests get there
#else
  static constexpr Cycles kReach{1 << 24};
#endif

  // REQUIRES: `at` lies within kReach and kLongestWait after the epoch, or not long before it.
  Near near(Cycles at) const {
    return static_cast<Near>((at - start_).count());
  }
  Cycles far(Near at) const {
    return start_ + Cycles(at);
  }
  Stamp far(NearStamp stamp) const {
    return Stamp::from_bits((start_.count() << kReasonBits) + stamp.word());
  }
  // The word of a stamp at that clock, without a reason; kNoStamp when it is too long ago.
  std::int32_t word(Cycles at) const {
    const std::int64_t words = (at - start_).count() << kReasonBits;
    return static_cast<std::int32_t>(std::max<std::int64_t>(words, kNoStamp));
  }

  bool reaches(Cycles at) const {
    return at - start_ < kReach;
  }
  // Says by how much.
  Cycles move_to(Cycles at) {
    const Cycles by = at - start_;
    start_ = at;
    return by;
  }

 private:
  Cycles start_;
};

}  // namespace strobe::dram
