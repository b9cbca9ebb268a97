#pragma once

// Who can reach whom how soon. Partitions of one kind (SMs; DRAM channels with their L2 slices) are
// a side: they are alike in how long their messages take to the partitions of each side. From that
// follows how far a side may run on by itself while the others stand still.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "sim/base/check.h"
#include "sim/base/units.h"

namespace strobe {

class Sides {
 public:
  // No message ever. Far enough from the largest number that sums of it do not overflow.
  static constexpr Picoseconds kNoFlight{std::numeric_limits<std::int64_t>::max() / 4};

  // A message from one side to another, or between two partitions of one side.
  struct Flight {
    std::size_t from, to;
    Picoseconds least;
  };

  // `sizes`: how many partitions each side has; they are numbered one side after the other.
  Sides(const std::vector<std::uint32_t>& sizes, const std::vector<Flight>& flights)
      : ends_(sizes.size()), reach_(sizes.size() * sizes.size(), kNoFlight) {
    std::uint32_t end = 0;
    for (std::size_t side = 0; side < count(); ++side) ends_[side] = end += sizes[side];
    for (const Flight& flight : flights) {
      STROBE_CHECK(flight.least > Picoseconds(0));
      Picoseconds& reach = reach_[flight.from * count() + flight.to];
      reach = std::min(reach, flight.least);
    }
    // Over others too (Floyd, Warshall), and back to itself over others.
    for (std::size_t over = 0; over < count(); ++over) {
      for (std::size_t from = 0; from < count(); ++from) {
        for (std::size_t to = 0; to < count(); ++to) {
          Picoseconds& reach = reach_[from * count() + to];
          reach = std::min(reach, this->reach(from, over) + this->reach(over, to));
        }
      }
    }
  }

  std::size_t count() const { return ends_.size(); }
  std::uint32_t begin(std::size_t side) const { return side == 0 ? 0 : ends_[side - 1]; }
  std::uint32_t end(std::size_t side) const { return ends_[side]; }

  // The least time from an event on one side to what it causes in another partition, one of the
  // other side (which may be the same), however many hops that takes.
  Picoseconds reach(std::size_t from, std::size_t to) const { return reach_[from * count() + to]; }

 private:
  std::vector<std::uint32_t> ends_;
  std::vector<Picoseconds> reach_;
};

}  // namespace strobe
