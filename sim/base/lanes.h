#pragma once

// Four words side by side, as g++ and clang++ keep them in one vector register where the processor
// has such; comparisons give all ones or none in each lane, and `mask ? a : b` chooses lane by
// lane.

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace strobe {

inline constexpr std::size_t kLaneCount = 4;
using Lanes [[gnu::vector_size(kLaneCount * sizeof(std::int64_t))]] = std::int64_t;

inline Lanes all_lanes(std::int64_t value) {
  return Lanes{value, value, value, value};
}
inline Lanes lanes_from(const std::int64_t* first) {
  Lanes lanes;
  std::memcpy(&lanes, first, sizeof lanes);
  return lanes;
}
inline Lanes least_of(Lanes a, Lanes b) {
  return a < b ? a : b;
}
inline Lanes largest_of(Lanes a, Lanes b) {
  return a < b ? b : a;
}
inline std::int64_t least_lane(Lanes lanes) {
  const std::int64_t a = lanes[0] < lanes[1] ? lanes[0] : lanes[1];
  const std::int64_t b = lanes[2] < lanes[3] ? lanes[2] : lanes[3];
  return a < b ? a : b;
}

}  // namespace strobe
