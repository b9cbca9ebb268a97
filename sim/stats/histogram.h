#pragma once

// How long things took, in bins a sixteenth of a power of two wide (6 % of the value at most), so
// that one fixed array holds a nanosecond and a second alike and percentiles are read off within a
// bin.

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "sim/base/units.h"

namespace strobe::stats {

class LatencyHistogram {
 public:
  static constexpr std::size_t kBins = 16 * 42;  // up to 2^45 ps, 35 s; longer lands in the last

  void add(Picoseconds latency) {
    ++bins_[bin_of(static_cast<std::uint64_t>(latency.count()))];
    ++count_;
    sum_ += latency;
    if (latency > max_) max_ = latency;
  }
  void add(const LatencyHistogram& other) {
    for (std::size_t i = 0; i < kBins; ++i) bins_[i] += other.bins_[i];
    count_ += other.count_;
    sum_ += other.sum_;
    if (other.max_ > max_) max_ = other.max_;
  }

  std::uint64_t count() const { return count_; }
  Picoseconds sum() const { return sum_; }
  Picoseconds max() const { return max_; }
  std::uint64_t in_bin(std::size_t bin) const { return bins_[bin]; }

  // Lower edge of a bin; the upper edge is the next one's.
  static constexpr Picoseconds edge(std::size_t bin) {
    if (bin < 16) return Picoseconds(static_cast<std::int64_t>(bin));
    return Picoseconds(static_cast<std::int64_t>((16 + bin % 16) << (bin / 16 - 1)));
  }

  // The latency that `share` (0 to 1) of the requests did not exceed, to the bin's upper edge.
  Picoseconds percentile(double share) const {
    const double wanted = share * static_cast<double>(count_);
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i + 1 < kBins; ++i) {
      seen += bins_[i];
      if (seen > 0 && static_cast<double>(seen) >= wanted) return std::min(edge(i + 1), max_);
    }
    return max_;  // in the last bin, which has no upper edge
  }

 private:
  static constexpr std::size_t bin_of(std::uint64_t ps) {
    if (ps < 16) return ps;
    const std::size_t power = static_cast<std::size_t>(std::bit_width(ps)) - 1;  // >= 4
    const std::size_t bin = (power - 3) * 16 + ((ps >> (power - 4)) & 15);
    return bin < kBins ? bin : kBins - 1;
  }

  std::array<std::uint64_t, kBins> bins_{};
  std::uint64_t count_ = 0;
  Picoseconds sum_, max_;
};

}  // namespace strobe::stats
