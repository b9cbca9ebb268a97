// A host that is late: how long a GPU waits for its calls.

#include "sim/networks/host_queue.h"

#include <algorithm>
#include <vector>

#include "sim/base/random.h"
#include "tests/support/catch.h"

using namespace strobe;
using networks::HostQueue;

namespace {

double time_of(double interval, const std::vector<double>& busy) {
  HostQueue host(interval);
  double time = 0;
  for (const double each : busy) time += host.call(each) + each;
  return time;
}

}  // namespace

TEST_CASE("calls shorter than the interval come one an interval, and the last is still run") {
  CHECK(time_of(8, std::vector<double>(10, 3)) == Approx(10 * 8 + 3));
}

TEST_CASE("behind longer calls than the interval the host is late for the first only") {
  CHECK(time_of(8, std::vector<double>(10, 20)) == Approx(8 + 10 * 20));
}

TEST_CASE("what the host gains on a long call it spends on the short ones after it") {
  // The long one runs from 10 to 60: by then four more calls are there, and the sixth comes at 60.
  CHECK(time_of(10, {50, 1, 1, 1, 1, 1}) == Approx(65));
  CHECK(time_of(10, {30, 1, 1, 1, 1, 1}) == Approx(61));
}

TEST_CASE("a host that is never late is not waited for") {
  HostQueue host(0);
  for (const double busy : {5.0, 0.0, 1e-9}) CHECK(host.call(busy) == 0);
}

TEST_CASE("a step ends when the last call and what follows any call have had their time") {
  SplitMix64 random(7);
  for (int round = 0; round < 50; ++round) {
    std::vector<double> busy(1 + random.next() % 40);
    for (double& each : busy) each = static_cast<double>(random.next() % 100);
    const double interval = static_cast<double>(1 + random.next() % 100);
    double longest = 0, after = 0;
    for (std::size_t i = busy.size(); i-- > 0;) {
      after += busy[i];
      longest = std::max(longest, static_cast<double>(i + 1) * interval + after);
    }
    CHECK(time_of(interval, busy) == Approx(longest));
    CHECK(time_of(interval, busy) >= static_cast<double>(busy.size()) * interval);
  }
}
