#pragma once

// Words side by side, eight of 32 bits or four of 64, as g++ and clang++ keep them in one vector
// register where the processor has such; comparisons give all ones or none in each lane, and
// `mask ? a : b` chooses lane by lane.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#ifdef __AVX2__
#include <immintrin.h>
#endif

#include "sim/base/units.h"

namespace strobe {

inline constexpr std::size_t kLaneCount = 8, kWideLaneCount = 4;
using Lanes [[gnu::vector_size(kLaneCount * sizeof(std::int32_t))]] = std::int32_t;
using WideLanes [[gnu::vector_size(kWideLaneCount * sizeof(std::int64_t))]] = std::int64_t;

inline Lanes all_lanes(std::int32_t value) {
  return Lanes{value, value, value, value, value, value, value, value};
}
inline WideLanes all_wide_lanes(std::int64_t value) {
  return WideLanes{value, value, value, value};
}
inline Lanes lanes_from(const std::int32_t* first) {
  Lanes lanes;
  std::memcpy(&lanes, first, sizeof lanes);
  return lanes;
}
inline WideLanes lanes_from(const std::int64_t* first) {
  WideLanes lanes;
  std::memcpy(&lanes, first, sizeof lanes);
  return lanes;
}
template <class Unit>
inline WideLanes lanes_from(const Quantity<Unit>* first) {
  static_assert(sizeof(Quantity<Unit>) == sizeof(std::int64_t));
  WideLanes lanes;
  std::memcpy(&lanes, first, sizeof lanes);
  return lanes;
}
inline Lanes lanes_from_bytes(const void* first) {
#ifdef __AVX2__
  return reinterpret_cast<Lanes>(_mm256_cvtepu8_epi32(_mm_loadu_si64(first)));
#else
  using ByteLanes [[gnu::vector_size(kLaneCount)]] = std::uint8_t;
  ByteLanes bytes;
  std::memcpy(&bytes, first, sizeof bytes);
  return __builtin_convertvector(bytes, Lanes);
#endif
}
// In lane i that lane of the table whose number the lowest three bits of lane i of `number` are.
inline Lanes looked_up(Lanes table, Lanes number) {
#ifdef __AVX2__
  return reinterpret_cast<Lanes>(_mm256_permutevar8x32_epi32(reinterpret_cast<__m256i>(table),
                                                             reinterpret_cast<__m256i>(number)));
#else
  Lanes found{};
  for (std::size_t i = 0; i < kLaneCount; ++i) found[i] = table[number[i] & 7];
  return found;
#endif
}
// All ones in lane i where bit i of the lowest eight is set.
inline Lanes lanes_of_bits(std::uint64_t bits) {
  constexpr Lanes kBits{1, 2, 4, 8, 16, 32, 64, 128};
  return (all_lanes(static_cast<std::int32_t>(bits)) & kBits) == kBits;
}
// Eight words of 64 bits, in no order that matters, of their low and high halves; a low half has no
// sign.
struct WideLanesPair {
  WideLanes front, back;
};
inline WideLanesPair words_of(Lanes low, Lanes high) {
  return {
      reinterpret_cast<WideLanes>(__builtin_shufflevector(low, high, 0, 8, 1, 9, 4, 12, 5, 13)),
      reinterpret_cast<WideLanes>(__builtin_shufflevector(low, high, 2, 10, 3, 11, 6, 14, 7, 15))};
}
inline Lanes least_of(Lanes a, Lanes b) {
  return a < b ? a : b;
}
inline WideLanes least_of(WideLanes a, WideLanes b) {
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
inline std::int64_t least_lane(WideLanes lanes) {
  using Half [[gnu::vector_size(sizeof(WideLanes) / 2)]] = std::int64_t;
  const Half low = __builtin_shufflevector(lanes, lanes, 0, 1);
  const Half high = __builtin_shufflevector(lanes, lanes, 2, 3);
  const Half two = low < high ? low : high;
  const Half turned = __builtin_shufflevector(two, two, 1, 0);
  const Half one = two < turned ? two : turned;
  return one[0];
}

}  // namespace strobe
