#pragma once

// Stall times over time: in which interval warps were in which state, and waited for which cause. A
// charge that lies in several intervals is split between them to the picosecond, so that each
// interval adds up as the whole does, and all of them to the whole. Memory is bounded as that of a
// Series is; here an interval is the times of all states and causes, so there are fewer.

#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "sim/stats/series.h"
#include "sim/stats/stalls.h"

namespace strobe::stats {

class StallSeries {
 public:
  static constexpr std::size_t kMaxIntervals = Series::kMaxIntervals / 2;

  // `what` is a state, of one warp, or a cause.
  template <class What>
  void charge(What what, Instant from, Instant to) {
    while (to > from) {
      const auto [row, end] = interval_at(from);
      const Instant until = std::min(to, end);
      row->charge(what, until - from);
      if constexpr (std::is_same_v<What, WarpState>) row->resident += until - from;
      from = until;
    }
  }

  void add(StallSeries other) {
    const Picoseconds widest = std::max(interval(), other.interval());
    widen_to(widest);
    other.widen_to(widest);
    rows_.resize(std::max(rows_.size(), other.rows_.size()));
    for (std::size_t i = 0; i < other.rows_.size(); ++i) rows_[i].add(other.rows_[i]);
  }

  Picoseconds interval() const { return Picoseconds(interval_); }
  const std::vector<StallTimes>& rows() const { return rows_; }

  // Brings the interval to `wider`, a power-of-two multiple of today's.
  void widen_to(Picoseconds wider) {
    while (interval_ < wider.count()) widen();
  }

 private:
  struct Place {
    StallTimes* row;
    Instant end;
  };

  Place interval_at(Instant at) {
    const std::int64_t t = at.since_start().count();
    while (t >= interval_ * static_cast<std::int64_t>(kMaxIntervals)) widen();
    const auto index = static_cast<std::size_t>(t / interval_);
    if (index >= rows_.size()) rows_.resize(index + 1);
    return {&rows_[index],
            Instant(Picoseconds((static_cast<std::int64_t>(index) + 1) * interval_))};
  }

  void widen() {
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      const StallTimes times = rows_[i];
      rows_[i] = StallTimes{};
      rows_[i / 2].add(times);
    }
    rows_.resize((rows_.size() + 1) / 2);
    interval_ *= 2;
  }

  std::int64_t interval_ = Series::kFirstInterval;
  std::vector<StallTimes> rows_;
};

}  // namespace strobe::stats
