// For every number of slices: the map is a bijection, and neither a stream nor a power-of-two
// stride loads one slice much more than the others.

#include "sim/wire/address_map.h"

#include <algorithm>
#include <vector>

#include "tests/support/catch.h"

using namespace strobe::wire;

TEST_CASE("every line has one place and every place one line, for 1 to 200 slices") {
  for (std::uint32_t slices = 1; slices <= 200; ++slices) {
    for (const std::uint32_t interleave : {1u, 2u, 8u, 12u}) {
      const AddressMap map(slices, interleave);
      for (const std::uint64_t from : {std::uint64_t{0}, (std::uint64_t{0x7F4000000000} / 128)}) {
        const std::uint64_t first = from / (slices * interleave) * (slices * interleave);
        // Whole blocks fill the lines of every slice without a gap.
        std::vector<std::uint32_t> seen(std::size_t{slices} * interleave * 4);
        for (std::uint64_t i = 0; i < seen.size(); ++i) {
          const SlicePlace place = map.place(first + i);
          const std::uint64_t dense = place.line - first / slices;
          const bool is_good =
              place.slice < slices && dense < interleave * 4 && map.line_at(place) == first + i;
          if (!is_good) FAIL("line " << first + i << " of " << slices << " slices");
          ++seen[place.slice * interleave * 4 + dense];
        }
        REQUIRE(std::all_of(seen.begin(), seen.end(), [](std::uint32_t n) { return n == 1; }));
      }
    }
  }
}

namespace {

// The load of the busiest slice over the mean.
double imbalance(const AddressMap& map, std::uint64_t stride, std::uint64_t accesses) {
  std::vector<std::uint64_t> load(map.slices());
  for (std::uint64_t i = 0; i < accesses; ++i) ++load[map.place(i * stride).slice];
  return static_cast<double>(*std::max_element(load.begin(), load.end())) * map.slices() /
         static_cast<double>(accesses);
}

}  // namespace

TEST_CASE("a stream of whole blocks loads every slice alike") {
  for (std::uint32_t slices = 1; slices <= 200; ++slices) {
    const AddressMap map(slices, 4);
    CHECK(imbalance(map, 1, std::uint64_t{slices} * 4 * 50) == 1.0);
  }
}

// 400 accesses a slice thrown at random have a deviation of 20; the busiest of 200 slices lies some
// three above the mean, four and a half bound all 200 x 24 strides.
TEST_CASE("no power-of-two stride loads a slice more than dice would") {
  for (std::uint32_t slices = 1; slices <= 200; ++slices) {
    const AddressMap map(slices, 2);
    for (std::uint32_t power = 0; power < 24; ++power) {
      CAPTURE(slices, power);
      REQUIRE(imbalance(map, std::uint64_t{1} << power, std::uint64_t{slices} * 400) < 1.3);
    }
  }
}
