#include "sim/model/dram/mapping.h"

#include <algorithm>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/dram.h"

using namespace strobe;
using namespace strobe::dram;

namespace {

constexpr BankHash kHashes[] = {BankHash::none, BankHash::fold, BankHash::polynomial};

// How many of `count` places `stride` rows apart fall on the bank that most of them do.
int most_in_a_bank(const PartSpec& part, BankHash hash, std::uint64_t stride, int count) {
  const Mapping mapping(part.geometry, {part.mapping.chunk_bursts, hash});
  const std::uint64_t row = std::uint64_t{part.geometry.bursts_per_row()} * part.geometry.banks();
  std::vector<int> in(part.geometry.banks());
  for (int i = 0; i < count; ++i) {
    ++in[mapping.locate(static_cast<std::uint64_t>(i) * stride * row).bank];
  }
  return *std::max_element(in.begin(), in.end());
}

}  // namespace

TEST_CASE("no two bursts lie at one place, whatever the geometry") {
  for (const std::uint32_t groups : {1U, 2U, 4U, 8U}) {
    for (const std::uint32_t banks : {1U, 4U}) {
      for (const std::uint32_t rows : {1U, 5U, 64U}) {
        for (const BankHash hash : kHashes) {
          Geometry geometry;
          geometry.stack_ids = 1 + rows % 3;  // 2, 3 and 2 of them
          geometry.bank_groups = groups;
          geometry.banks_per_group = banks;
          geometry.rows = rows;
          geometry.row = Bytes(512);
          geometry.burst = Bytes(32);
          const Mapping mapping(geometry, {.chunk_bursts = 4, .bank_hash = hash});
          CAPTURE(groups, banks, rows, static_cast<int>(hash));
          const std::uint32_t all_banks = geometry.stack_ids * groups * banks;
          REQUIRE(mapping.bursts() == std::uint64_t{all_banks} * rows * 16);
          std::vector<int> taken(mapping.bursts());
          for (std::uint64_t burst = 0; burst < mapping.bursts(); ++burst) {
            const Location at = mapping.locate(burst);
            REQUIRE((at.row < rows && at.bank < all_banks && at.column < 16));
            REQUIRE(++taken[(std::size_t{at.row} * all_banks + at.bank) * 16 + at.column] == 1);
            const Location again = mapping.locate(burst + mapping.bursts());
            REQUIRE((again.row == at.row && again.bank == at.bank && again.column == at.column));
          }
        }
      }
    }
  }
}

TEST_CASE("the four bursts of a line lie in one row, and the next line in another bank group") {
  for (const std::string& name : dram_test::part_names()) {
    const PartSpec part = dram_test::part_named(name);
    const Mapping mapping(part.geometry, part.mapping);
    for (std::uint64_t line = 0; line < 4'096; ++line) {
      const Location first = mapping.locate(line * 4), last = mapping.locate(line * 4 + 3);
      REQUIRE((last.row == first.row && last.bank == first.bank));
      REQUIRE(last.column == first.column + 3);
      const Location next = mapping.locate(line * 4 + 4);
      if (next.row != first.row || part.geometry.bank_groups == 1) continue;
      REQUIRE(next.bank / part.geometry.banks_per_group !=
              first.bank / part.geometry.banks_per_group);
    }
  }
}

TEST_CASE("a stride of one row's size or any power of two above it reaches every bank") {
  const PartSpec part = dram_test::part_named("hbm2-2000");
  const Mapping mapping(part.geometry, part.mapping);
  for (std::uint64_t stride = 512; stride <= (1U << 16); stride *= 2) {
    std::vector<int> reached(part.geometry.banks());
    for (std::uint64_t i = 0; i < 1'024; ++i) reached[mapping.locate(i * stride).bank] = 1;
    CAPTURE(stride);
    CHECK(std::count(reached.begin(), reached.end(), 1) == part.geometry.banks());
  }
}

TEST_CASE(
    "as many places as a stack ID's banks, any power of two of rows apart, lie in a bank each") {
  for (const std::string& name : dram_test::part_names()) {
    const PartSpec part = dram_test::part_named(name);
    const int banks = static_cast<int>(part.geometry.banks_of_stack());
    for (std::uint64_t stride = 1; stride * part.geometry.banks() <= part.geometry.rows;
         stride *= 2) {
      CAPTURE(name, stride);
      CHECK(most_in_a_bank(part, BankHash::none, stride, banks) == banks);
      CHECK(most_in_a_bank(part, BankHash::fold, stride, banks) == 1);
      CHECK(most_in_a_bank(part, BankHash::polynomial, stride, banks) == 1);
    }
  }
}

TEST_CASE("a stride that folds to nothing stays in a bank, but for a polynomial") {
  const PartSpec part = dram_test::part_named("hbm2-2000");  // four bits of bank
  for (const std::uint64_t stride : {17U, 34U, 51U, 85U, 119U, 136U}) {
    CAPTURE(stride);
    CHECK(most_in_a_bank(part, BankHash::fold, stride, 8) > 3);
    CHECK(most_in_a_bank(part, BankHash::polynomial, stride, 8) <= 3);
  }
  CHECK(most_in_a_bank(part, BankHash::polynomial, 19, 8) > 1);  // x^4 + x + 1 itself
}
