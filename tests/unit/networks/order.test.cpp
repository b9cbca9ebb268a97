// The order and the longest chain of things that need each other.

#include "sim/networks/order.h"

#include "tests/support/catch.h"

using namespace strobe::networks;

TEST_CASE("each comes after those that it needs, and a circle has no order") {
  const std::vector<std::vector<std::size_t>> needs{{2}, {0, 2}, {}, {1}};
  const auto order = topological_order(needs);
  REQUIRE(order);
  CHECK(*order == std::vector<std::size_t>{2, 0, 1, 3});
  CHECK_FALSE(topological_order({{1}, {0}}));
}

TEST_CASE("the critical path is the longest of two branches with its ends") {
  const std::vector<std::vector<std::size_t>> needs{{}, {0}, {0}, {1, 2}, {}};
  const std::vector<double> times{1, 5, 2, 3, 8};
  CHECK(critical_path(needs, times) == Approx(9));
}
