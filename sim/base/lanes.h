#pragma once

// Eight words side by side, as g++ and clang++ keep them in one vector register where the processor
// has such; comparisons give all ones or none in each lane, and `mask ? a : b` chooses lane by
// lane.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace strobe {

inline constexpr std::size_t kLaneCount = 8;
using Lanes [[gnu::vector_size(kLaneCount * sizeof(std::int32_t))]] = std::int32_t;

inline Lanes all_lanes(std::int32_t value) {
  return Lanes{value, value, value, value, value, value, value, value};
}
inline Lanes lanes_from(const std::int32_t* first) {
  Lanes lanes;
  std::memcpy(&lanes, first, sizeof lanes);
  return lanes;
}
// All ones in lane i where bit i of the lowest eight is set.
inline Lanes lanes_of_bits(std::uint64_t bits) {
  constexpr Lanes kBits{1, 2, 4, 8, 16, 32, 64, 128};
  return (all_lanes(static_cast<std::int32_t>(bits)) & kBits) == kBits;
}
inline Lanes least_of(Lanes a, Lanes b) {
  return a < b ? a : b;
}
inline Lanes largest_of(Lanes a, Lanes b) {
  return a < b ? b : a;
}
inline std::int32_t least_lane(Lanes lanes) {
  using Half [[gnu::vector_size(sizeof(Lanes) / 2)]] = std::int32_t;
  const Half low = __builtin_shufflevector(lanes, lanes, 0, 1, 2, 3);
  const Half high = __builtin_shufflevector(lanes, lanes, 4, 5, 6, 7);
  const Half four = low < high ? low : high;
  const Half turned = __builtin_shufflevector(four, four, 2, 3, 0, 1);
  const Half two = four < turned ? four : turned;
  return std::min(two[0], two[1]);
}

}  // namespace strobe
