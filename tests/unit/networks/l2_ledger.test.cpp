// What the L2 holds between the operations of a step.

#include "sim/networks/l2_ledger.h"

#include "tests/support/catch.h"

using namespace strobe::networks;

namespace {

Step two_operations() {
  Step step;
  using Use = Tensor::Use;
  step.tensors = {{"x", Use::input, 40}, {"y", Use::activation, 30}, {"z", Use::activation, 50}};
  step.operations.resize(2);
  step.operations[0].reads = {0};
  step.operations[0].writes = {1};
  step.operations[1].reads = {1};
  step.operations[1].writes = {2};
  return step;
}

}  // namespace

TEST_CASE("an operation finds what the one before it wrote, still dirty") {
  const auto contents = contents_before_each(two_operations(), 100);
  REQUIRE(contents.size() == 2);
  // The first finds what is left of the step before: y and z, and a part of x.
  REQUIRE(contents[0].size() == 3);
  CHECK(contents[0][0].tensor == 0);
  CHECK(contents[0][0].bytes == 20);
  CHECK(contents[0][2].tensor == 2);
  // The second finds z from the step before, x and y.
  CHECK(contents[1].back().tensor == 1);
  CHECK(contents[1].back().bytes == 30);
  CHECK(contents[1].back().dirty);
}

TEST_CASE("of a tensor that is larger than the L2 as much is left as fits") {
  const auto contents = contents_before_each(two_operations(), 25);
  REQUIRE(contents[1].size() == 1);
  CHECK(contents[1][0].tensor == 1);
  CHECK(contents[1][0].bytes == 25);
}
