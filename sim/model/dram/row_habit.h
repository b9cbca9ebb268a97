#pragma once

// Whether the row of a bank should be closed when nobody waits for it. A bank's last requests say:
// each that wants the row that was used last (a hit, or a hit that closing has spoilt) speaks for
// keeping rows open, each that wants another for closing them. A saturating counter of two bits
// remembers, as branch predictors do; per-bank counters of this kind are what Awasthi et al.
// (PACT 2011) compare other predictors of row use with, and what Intel calls adaptive page close.

#include <cstdint>

namespace strobe::dram {

class RowHabit {
 public:
  // The next request that the bank serves wants `row`. REQUIRES: called once for each request.
  void see(std::uint32_t row) {
    if (row == last_row_) {
      if (others_ > 0) --others_;
    } else if (others_ < kMost) {
      ++others_;
    }
    last_row_ = row;
  }
  bool closes() const { return others_ > kMost / 2; }

 private:
  static constexpr std::uint8_t kMost = 3;
  std::uint32_t last_row_ = 0xFFFF'FFFF;
  std::uint8_t others_ = 0;
};

}  // namespace strobe::dram
