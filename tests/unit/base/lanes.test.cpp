#include "sim/base/lanes.h"

#include <array>

#include "tests/support/catch.h"

using namespace strobe;

TEST_CASE("the least lane is found in whichever place it lies") {
  for (std::size_t place = 0; place < kLaneCount; ++place) {
    std::array<std::int64_t, kLaneCount> words{7, 7, 7, 7};
    words[place] = -3;
    CHECK(least_lane(lanes_from(words.data())) == -3);
  }
}

TEST_CASE("lanes are compared each with its own counterpart") {
  const Lanes a{1, -2, INT64_MAX, 4}, b{2, -3, 0, 4};
  const Lanes least = least_of(a, b), largest = largest_of(a, b);
  const std::array<std::int64_t, kLaneCount> expected_least{1, -3, 0, 4};
  const std::array<std::int64_t, kLaneCount> expected_largest{2, -2, INT64_MAX, 4};
  for (std::size_t lane = 0; lane < kLaneCount; ++lane) {
    CHECK(least[lane] == expected_least[lane]);
    CHECK(largest[lane] == expected_largest[lane]);
  }
}
