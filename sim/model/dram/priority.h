#pragma once

// Which of several commands goes first: the one that can issue earlier, at the same clock the one
// for the older request. Both and the bank are kept in one word, so that the first of many is the
// least of their words, with nothing to branch on.

#include <cstdint>

#include "sim/base/units.h"

namespace strobe::dram {

// Delays are below kMostDelay, as the waits of all rules are (spec.cpp refuses others).
class Priority {
 public:
  constexpr Priority() = default;  // after all others

  // `order`: of the request, at most kLastOrder.
  constexpr Priority(std::uint64_t order, std::uint32_t bank)
      : word_(static_cast<std::int64_t>(order << kBankBits | bank)) {}

  constexpr Priority delayed_by(std::int64_t clocks) const {
    return Priority(word_ + (clocks << kDelayShift));
  }
  constexpr bool is_none() const { return word_ == kNone; }
  constexpr Cycles delay() const { return Cycles(word_ >> kDelayShift); }
  constexpr std::uint64_t order() const {
    return static_cast<std::uint64_t>(word_) >> kBankBits & kLastOrder;
  }
  constexpr std::uint8_t bank() const { return word_ & ((1 << kBankBits) - 1); }
  constexpr std::int64_t word() const { return word_; }

  static constexpr Priority of_word(std::int64_t word) { return Priority(word); }

  static constexpr int kBankBits = 6, kOrderBits = 37;
  static constexpr std::uint64_t kLastOrder = (std::uint64_t{1} << kOrderBits) - 1;
  static constexpr int kDelayShift = kBankBits + kOrderBits;
  static constexpr std::int64_t kMostDelay = (std::int64_t{1} << (63 - kDelayShift)) - 1;
  static constexpr std::int64_t kNone = INT64_MAX;

 private:
  explicit constexpr Priority(std::int64_t word) : word_(word) {}

  std::int64_t word_ = kNone;
};

}  // namespace strobe::dram
