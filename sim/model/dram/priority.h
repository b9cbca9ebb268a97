#pragma once

// Which of several commands goes first: the one that can issue earlier, at the same clock one of a
// kind that goes before, of the same kind the one for the older request. Ranks are the order of
// requests with the bank below it, in one word, so that the first of many is found as the least of
// words, with nothing to branch on.

#include <cstdint>

#include "sim/model/dram/stamp.h"

namespace strobe::dram {

class Rank {
 public:
  constexpr Rank() = default;  // after all others
  // `order`: counts requests, at most kLastOrder. REQUIRES: bank < 64.
  constexpr Rank(std::uint32_t order, std::uint32_t bank)
      : word_(static_cast<std::int32_t>(order << kBankBits | bank)) {}
  static constexpr Rank of_word(std::int32_t word) {
    Rank rank;
    rank.word_ = word;
    return rank;
  }

  constexpr std::uint8_t bank() const { return word_ & ((1 << kBankBits) - 1); }
  constexpr std::int32_t word() const { return word_; }

#ifdef STROBE_CHECKING
  static constexpr int kOrderBits = 14;  // so that short tests get to the end of them
#else
  static constexpr int kOrderBits = 25;
#endif
  static constexpr int kBankBits = 6, kBits = kBankBits + kOrderBits;
  static constexpr std::uint32_t kLastOrder = (1U << kOrderBits) - 1;

 private:
  std::int32_t word_ = (std::int64_t{1} << kBits) - 1;
};

// Below the clock, the word that picks a choice has its kind, its rank and its pseudo-channel.
class Urgency {
 public:
  constexpr Urgency() = default;  // of no choice
  constexpr Urgency(std::uint32_t kind, Rank rank, std::uint32_t pseudo_channel)
      : word_((std::int64_t{kind} << (kPlaceBits + Rank::kBits)) +
              (std::int64_t{rank.word()} << kPlaceBits) + pseudo_channel) {}

  // REQUIRES: at <= kNeverNear; this has no clock yet.
  constexpr Urgency at(Near clock) const {
    Urgency urgency = *this;
    urgency.word_ += std::int64_t{clock} << kClockShift;
    return urgency;
  }
  constexpr Near clock() const { return static_cast<Near>(word_ >> kClockShift); }
  constexpr std::uint32_t kind() const {
    return static_cast<std::uint32_t>(word_ >> (kPlaceBits + Rank::kBits)) & 3;
  }
  constexpr std::uint32_t pseudo_channel() const {
    return static_cast<std::uint32_t>(word_) & ((1U << kPlaceBits) - 1);
  }
  constexpr auto operator<=>(const Urgency&) const = default;

  constexpr std::int64_t word() const { return word_; }
  static constexpr Urgency of_word(std::int64_t word) {
    Urgency urgency;
    urgency.word_ = word;
    return urgency;
  }
  // The clock has what is left: a vector's lanes of 32 bits are shifted to there, whatever lies in
  // the lanes above.
  static constexpr int kPlaceBits = 4, kClockShift = 37;
  static_assert(kPlaceBits + Rank::kBits + 2 <= kClockShift && kClockShift >= 32);

 private:
  std::int64_t word_ = INT64_MAX;
};

}  // namespace strobe::dram
