#include "sim/model/dram/row_habit.h"

#include "tests/support/catch.h"
#include "tests/support/dram.h"

using namespace strobe;
using namespace strobe::dram;

namespace {

double mean_latency(PagePolicy policy, dram_test::Pattern pattern) {
  PartSpec part = dram_test::part_named("hbm2-2000");
  part.controller.page_policy = policy;
  dram_test::Requests requests(pattern, 20'000, 32, 100_ns);
  Executor executor(1);
  ReplaySpec spec;
  spec.channels = 1;
  spec.saturating = false;
  const stats::LatencyHistogram reads = replay(part, spec, requests, executor).read_latency;
  return static_cast<double>(reads.sum().count()) / static_cast<double>(reads.count());
}

}  // namespace

TEST_CASE("rows are closed after other rows were wanted twice more than the same one") {
  RowHabit habit;
  CHECK_FALSE(habit.closes());
  habit.see(7);  // none was used before
  CHECK_FALSE(habit.closes());
  habit.see(8);
  CHECK(habit.closes());
  habit.see(8);
  CHECK_FALSE(habit.closes());
}

TEST_CASE("a habit of any length is broken by two requests") {
  RowHabit habit;
  for (std::uint32_t row = 0; row < 100; ++row) habit.see(row);
  CHECK(habit.closes());
  habit.see(99);
  CHECK(habit.closes());
  habit.see(99);
  CHECK_FALSE(habit.closes());
  for (int i = 0; i < 100; ++i) habit.see(99);
  habit.see(1);
  CHECK_FALSE(habit.closes());
  habit.see(2);
  CHECK(habit.closes());
}

TEST_CASE("adaptive pages are about as good as the better of open and closed at low load") {
  using dram_test::Pattern;
  const auto latency = [](PagePolicy policy, Pattern pattern) {
    return mean_latency(policy, pattern);
  };
  const double open_stream = latency(PagePolicy::open, Pattern::stream);
  const double closed_stream = latency(PagePolicy::closed, Pattern::stream);
  CHECK(open_stream < 0.8 * closed_stream);
  CHECK(latency(PagePolicy::adaptive, Pattern::stream) < 1.05 * open_stream);
  const double open_random = latency(PagePolicy::open, Pattern::random_reads);
  const double closed_random = latency(PagePolicy::closed, Pattern::random_reads);
  CHECK(closed_random < 0.95 * open_random);
  CHECK(latency(PagePolicy::adaptive, Pattern::random_reads) < 1.05 * closed_random);
}
