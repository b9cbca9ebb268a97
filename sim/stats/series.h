#pragma once

// A quantity over time: so much in each interval. Memory stays bounded: when the intervals run out,
// neighbours are added together and the interval doubles, so a run of any length ends with between
// half of kMaxIntervals and kMaxIntervals of them.

#include <algorithm>
#include <cstdint>
#include <vector>

#include "sim/base/units.h"

namespace strobe::stats {

class Series {
 public:
  static constexpr std::size_t kMaxIntervals = 2048;
  static constexpr std::int64_t kFirstInterval = 100'000;  // ps: 100 ns

  void add(Instant at, std::uint64_t amount) {
    const std::int64_t t = at.since_start().count();
    while (t >= interval_ * static_cast<std::int64_t>(kMaxIntervals)) widen();
    // Time mostly moves on within an interval: the division is for the others.
    if (t < start_ || t >= start_ + interval_) {
      index_ = static_cast<std::size_t>(t / interval_);
      start_ = static_cast<std::int64_t>(index_) * interval_;
      if (index_ >= amounts_.size()) amounts_.resize(index_ + 1);
    }
    amounts_[index_] += amount;
  }

  // Adds to each interval the picoseconds that [from, to) has in it.
  void add_time(Instant from, Instant to) {
    while (to > from) {
      add(from, 0);  // makes room for it, and finds its interval
      const Instant until = std::min(to, Instant(Picoseconds(start_ + interval_)));
      amounts_[index_] += static_cast<std::uint64_t>((until - from).count());
      from = until;
    }
  }

  Picoseconds interval() const { return Picoseconds(interval_); }
  const std::vector<std::uint64_t>& amounts() const { return amounts_; }

  // Brings the interval to `wider`, a power-of-two multiple of today's.
  void widen_to(Picoseconds wider) {
    while (interval_ < wider.count()) widen();
  }

 private:
  void widen() {
    const std::size_t pairs = amounts_.size() / 2;
    for (std::size_t i = 0; i < pairs; ++i) amounts_[i] = amounts_[2 * i] + amounts_[2 * i + 1];
    if (amounts_.size() % 2 != 0) amounts_[pairs] = amounts_.back();
    amounts_.resize((amounts_.size() + 1) / 2);
    interval_ *= 2;
    start_ = 0;
    index_ = 0;
  }

  std::int64_t interval_ = kFirstInterval;
  std::int64_t start_ = 0;
  std::size_t index_ = 0;
  std::vector<std::uint64_t> amounts_ = std::vector<std::uint64_t>(1);
};

}  // namespace strobe::stats
