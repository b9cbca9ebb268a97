#include "sim/device/nearest_name.h"

#include "tests/support/catch.h"

using namespace strobe::device;

TEST_CASE("the edit distance counts insertions, deletions, replacements and swaps", "[device]") {
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("warps", "warps") == 0);
  CHECK(edit_distance("warsp", "warps") == 1);
  CHECK(edit_distance("wraps", "warp") == 2);
  CHECK(edit_distance("tRCD", "tRC") == 1);
  CHECK(edit_distance("clock", "block") == 1);
}

TEST_CASE("names that begin as the mistyped one does come before those with wrong letters",
          "[device]") {
  const std::vector<std::string> known{"a100", "v100-pcie-16gb", "v100-pcie-32gb", "v10"};
  CHECK(nearest_names("v100", known) ==
        std::vector<std::string>{"v100-pcie-16gb", "v100-pcie-32gb", "a100"});
  CHECK(did_you_mean("v100", known) == "; did you mean v100-pcie-16gb, v100-pcie-32gb or a100?");
  CHECK(did_you_mean("m3-ultra", known) == "");
}
