// The longest chain of things that need each other.

#include "sim/networks/order.h"

#include "tests/support/catch.h"

using namespace strobe::networks;

TEST_CASE("the critical path is the longest of two branches with its ends") {
  const std::vector<std::vector<std::size_t>> needs{{}, {0}, {0}, {1, 2}, {}};
  const std::vector<double> times{1, 5, 2, 3, 8};
  CHECK(critical_path(needs, times) == Approx(9));
}
