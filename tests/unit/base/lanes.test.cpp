#include "sim/base/lanes.h"

#include <array>

#include "tests/support/catch.h"

using namespace strobe;

TEST_CASE("the least lane is found in whichever place it lies") {
  for (std::size_t place = 0; place < kLaneCount; ++place) {
    std::array<std::int32_t, kLaneCount> words;
    words.fill(7);
    words[place] = -3;
    CHECK(least_lane(lanes_from(words.data())) == -3);
  }
}

TEST_CASE("lanes are compared each with its own counterpart") {
  const Lanes a{1, -2, INT32_MAX, 4, 9, 0, 0, 5}, b{2, -3, 0, 4, 8, 1, -1, INT32_MIN};
  const Lanes least = least_of(a, b), largest = largest_of(a, b);
  const std::array<std::int32_t, kLaneCount> expected_least{1, -3, 0, 4, 8, 0, -1, INT32_MIN};
  const std::array<std::int32_t, kLaneCount> expected_largest{2, -2, INT32_MAX, 4, 9, 1, 0, 5};
  for (std::size_t lane = 0; lane < kLaneCount; ++lane) {
    CHECK(least[lane] == expected_least[lane]);
    CHECK(largest[lane] == expected_largest[lane]);
  }
}

TEST_CASE("the lowest eight bits choose lanes and higher ones do not") {
  const Lanes lanes = lanes_of_bits(0xFF81);
  for (std::size_t lane = 0; lane < kLaneCount; ++lane) {
    CHECK(lanes[lane] == (lane == 0 || lane == 7 ? -1 : 0));
  }
}

TEST_CASE("each lane finds in a table the lane whose number its lowest three bits are") {
  const Lanes table{10, 11, 12, 13, 14, 15, 16, 17};
  const Lanes found = looked_up(table, Lanes{7, 0, 3, 3, 8 + 1, -1, 1 << 30 | 2, 6});
  const std::array<std::int32_t, kLaneCount> expected{17, 10, 13, 13, 11, 17, 12, 16};
  for (std::size_t lane = 0; lane < kLaneCount; ++lane) CHECK(found[lane] == expected[lane]);
}

TEST_CASE("bytes become lanes without a sign") {
  const std::array<std::uint8_t, kLaneCount> bytes{0, 1, 127, 128, 255, 6, 7, 8};
  const Lanes lanes = lanes_from_bytes(bytes.data());
  for (std::size_t lane = 0; lane < kLaneCount; ++lane) CHECK(lanes[lane] == bytes[lane]);
}

TEST_CASE("the least wide lane is found in whichever place it lies") {
  for (std::size_t place = 0; place < kWideLaneCount; ++place) {
    WideLanes lanes = all_wide_lanes(INT64_MAX);
    lanes[place] = -(std::int64_t{1} << 40);
    CHECK(least_lane(lanes) == -(std::int64_t{1} << 40));
  }
}

TEST_CASE("every word has the low and the high half of one lane") {
  const Lanes low{0, 1, 2, 3, 4, 5, 6, INT32_MAX}, high{-4, -3, -2, -1, 0, 1, 2, 3};
  const auto [front, back] = words_of(low, high);
  std::array<bool, kLaneCount> found{};
  for (const WideLanes& words : {front, back}) {
    for (std::size_t i = 0; i < kWideLaneCount; ++i) {
      for (std::size_t lane = 0; lane < kLaneCount; ++lane) {
        found[lane] |= words[i] == (std::int64_t{high[lane]} << 32) + low[lane];
      }
    }
  }
  for (const bool each : found) CHECK(each);
}
