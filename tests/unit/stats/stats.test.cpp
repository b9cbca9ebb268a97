#include "sim/base/random.h"
#include "sim/model/dram/counters.h"
#include "sim/model/l2/counters.h"
#include "sim/model/sm/counters.h"
#include "sim/stats/histogram.h"
#include "sim/stats/series.h"
#include "sim/stats/stall_series.h"
#include "sim/stats/stalls.h"
#include "tests/support/catch.h"
#include "tests/support/print_units.h"

using namespace strobe;
using namespace strobe::stats;

TEST_CASE("a latency lies in the bin whose edges are around it") {
  for (std::int64_t ps = 0; ps < std::int64_t{1} << 44; ps = ps * 9 / 8 + 1) {
    LatencyHistogram histogram;
    histogram.add(Picoseconds(ps));
    std::size_t bin = 0;
    while (histogram.in_bin(bin) == 0) ++bin;
    REQUIRE(LatencyHistogram::edge(bin) <= Picoseconds(ps));
    REQUIRE(Picoseconds(ps) < LatencyHistogram::edge(bin + 1));
  }
}

TEST_CASE("no bin is wider than a sixteenth of its values, and none is empty") {
  for (std::size_t bin = 16; bin + 1 < LatencyHistogram::kBins; ++bin) {
    const std::int64_t from = LatencyHistogram::edge(bin).count();
    const std::int64_t width = LatencyHistogram::edge(bin + 1).count() - from;
    CHECK(width > 0);
    CHECK(width * 16 <= from);
  }
}

TEST_CASE("a percentile is the upper edge of the bin that reaches it, the maximum at most") {
  LatencyHistogram histogram;
  for (int i = 0; i < 90; ++i) histogram.add(Picoseconds(1000));
  for (int i = 0; i < 10; ++i) histogram.add(Picoseconds(100'000));
  CHECK(histogram.percentile(0.5) == Picoseconds(1024));  // [992, 1024)
  CHECK(histogram.percentile(0.9) == Picoseconds(1024));
  CHECK(histogram.percentile(0.91) == Picoseconds(100'000));
  CHECK(histogram.percentile(1) == Picoseconds(100'000));
  CHECK(histogram.percentile(0) == Picoseconds(1024));
  CHECK(LatencyHistogram{}.percentile(0.5) == Picoseconds(0));
}

TEST_CASE("a latency longer than all bins is still the maximum and the last percentile") {
  LatencyHistogram histogram;
  const Picoseconds minute(60'000'000'000'000);
  histogram.add(minute);
  CHECK(histogram.in_bin(LatencyHistogram::kBins - 1) == 1);
  CHECK(histogram.percentile(0.5) == minute);
}

TEST_CASE("histograms added up are the histogram of all latencies") {
  LatencyHistogram one, other, both;
  SplitMix64 random(1);
  for (int i = 0; i < 1000; ++i) {
    const Picoseconds latency(static_cast<std::int64_t>(random.next() % 1'000'000'000));
    (i % 3 == 0 ? one : other).add(latency);
    both.add(latency);
  }
  one.add(other);
  CHECK(one.count() == both.count());
  CHECK(one.sum() == both.sum());
  CHECK(one.max() == both.max());
  for (std::size_t bin = 0; bin < LatencyHistogram::kBins; ++bin) {
    CHECK(one.in_bin(bin) == both.in_bin(bin));
  }
}

TEST_CASE("a series keeps every amount in the interval of its instant, however it widens") {
  Series series;
  SplitMix64 random(1);
  std::vector<std::pair<std::int64_t, std::uint64_t>> added;
  for (int i = 0; i < 3000; ++i) {
    // Times go mostly on and sometimes back, as DRAM data ends do.
    const auto at = static_cast<std::int64_t>(random.next() % 50'000'000 +
                                              static_cast<std::uint64_t>(i) * 10'000'000);
    added.emplace_back(at, random.next() % 100);
    series.add(Instant(Picoseconds(at)), added.back().second);
  }
  REQUIRE(series.interval() > Picoseconds(Series::kFirstInterval));
  REQUIRE(series.amounts().size() <= Series::kMaxIntervals);
  REQUIRE(series.amounts().size() >= Series::kMaxIntervals / 2);
  std::vector<std::uint64_t> expected(series.amounts().size());
  for (const auto& [at, amount] : added) {
    expected.at(static_cast<std::size_t>(at / series.interval().count())) += amount;
  }
  CHECK(series.amounts() == expected);
}

TEST_CASE("a series widened on purpose loses nothing, with an odd number of intervals too") {
  for (const std::int64_t intervals : {1, 2, 3, 7, 1000, 1001}) {
    Series series;
    for (std::int64_t i = 0; i < intervals; ++i) {
      series.add(Instant(Picoseconds(i * Series::kFirstInterval)), 1);
    }
    series.widen_to(Picoseconds(Series::kFirstInterval * 4));
    CHECK(series.interval() == Picoseconds(Series::kFirstInterval * 4));
    std::uint64_t sum = 0;
    for (const std::uint64_t amount : series.amounts()) sum += amount;
    CHECK(sum == static_cast<std::uint64_t>(intervals));
    CHECK(series.amounts().front() ==
          static_cast<std::uint64_t>(std::min<std::int64_t>(intervals, 4)));
    series.add(Instant(Picoseconds(0)), 5);  // goes on after it
    CHECK(series.amounts().front() ==
          static_cast<std::uint64_t>(std::min<std::int64_t>(intervals, 4)) + 5);
  }
}

TEST_CASE("counters of two components add up one by one") {
  dram::Counters sum, part;
  part.reads = 3;
  part.row_hits = 2;
  add(sum, part, dram::kCounters);
  add(sum, part, dram::kCounters);
  CHECK(sum.reads == 6);
  CHECK(sum.row_hits == 4);
  CHECK(sum.writes == 0);
}

namespace {

struct Pair {
  std::uint64_t one = 0, two = 0;
};
constexpr Described<Pair> kWhole[] = {{"one", Unit::count, "", &Pair::one},
                                      {"two", Unit::count, "", &Pair::two}};
constexpr Described<Pair> kShort[] = {{"one", Unit::count, "", &Pair::one}};
constexpr Described<Pair> kTwice[] = {{"one", Unit::count, "", &Pair::one},
                                      {"two", Unit::count, "", &Pair::one}};
constexpr Described<Pair> kSameName[] = {{"one", Unit::count, "", &Pair::one},
                                         {"one", Unit::count, "", &Pair::two}};
static_assert(describes_every_counter(kWhole));
static_assert(!describes_every_counter(kShort));
static_assert(!describes_every_counter(kTwice));
static_assert(!describes_every_counter(kSameName));

template <class Counters, std::size_t N>
void check_texts(const Described<Counters> (&table)[N]) {
  for (const auto& row : table) {
    CAPTURE(std::string(row.name));
    CHECK_FALSE(row.meaning.empty());
    CHECK(row.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") ==
          std::string_view::npos);
    CHECK((row.unit == Unit::picoseconds) == row.name.ends_with("_ps"));
  }
}

}  // namespace

TEST_CASE("every counter has a plain name and a meaning, and says so when it counts picoseconds") {
  check_texts(sm::kCounterTable);
  check_texts(l2::kCounterTable);
  check_texts(dram::kCounters);
}

TEST_CASE("stage times add up, and refuse nothing that fits 32 bits") {
  StageTimes stages;
  stages.add(Cause::xbar_request, Picoseconds(50'000));
  stages.add(Cause::l2_hit, Picoseconds(0xFFFF'FFFF));
  stages.add(Cause::xbar_request, Picoseconds(1));
  CHECK(stages.of(Cause::xbar_request) == Picoseconds(50'001));
  CHECK(stages.total() == Picoseconds(50'001 + std::int64_t{0xFFFF'FFFF}));
}

TEST_CASE("the tail of another request's stages is its end, not its beginning") {
  StageTimes other;
  other.add(Cause::xbar_request, Picoseconds(100));
  other.add(Cause::dram_queue, Picoseconds(200));
  other.add(Cause::dram_burst, Picoseconds(30));
  StageTimes joined;
  joined.add(Cause::l2_queue, Picoseconds(7));
  CHECK(joined.add_tail(other, Picoseconds(130)) == Picoseconds(0));
  CHECK(joined.of(Cause::dram_burst) == Picoseconds(30));
  CHECK(joined.of(Cause::dram_queue) == Picoseconds(100));
  CHECK(joined.of(Cause::xbar_request) == Picoseconds(0));
  CHECK(joined.total() == Picoseconds(137));

  StageTimes all;
  CHECK(all.add_tail(other, Picoseconds(400)) == Picoseconds(70));  // it was too short for that
  CHECK(all.total() == other.total());
  CHECK(StageTimes{}.add_tail(other, Picoseconds(0)) == Picoseconds(0));
}

TEST_CASE("stall times add up, and no longer when a picosecond is dropped anywhere") {
  StallTimes stalls;
  stalls.charge(WarpState::selected, Picoseconds(1000));
  stalls.charge(WarpState::long_scoreboard, Picoseconds(500));
  stalls.charge(WarpState::drain, Picoseconds(70));
  stalls.charge(Cause::dram_queue, Picoseconds(400));
  stalls.charge(Cause::l1_hit, Picoseconds(170));
  stalls.resident = Picoseconds(1570);
  REQUIRE(stalls.adds_up());

  for (std::size_t i = 0; i < kWarpStateCount; ++i) {
    StallTimes broken = stalls;
    broken.by_state[i] -= 1_ps;
    CHECK_FALSE(broken.adds_up());
  }
  for (std::size_t i = 0; i < kCauseCount; ++i) {
    StallTimes broken = stalls;
    broken.by_cause[i] -= 1_ps;
    CHECK_FALSE(broken.adds_up());
  }
  StallTimes longer = stalls;
  longer.resident += 1_ps;
  CHECK_FALSE(longer.adds_up());

  StallTimes twice = stalls;
  twice.add(stalls);
  CHECK(twice.adds_up());
  CHECK(twice.resident == Picoseconds(3140));
}

TEST_CASE("four states are caused by memory") {
  int caused = 0;
  for (std::size_t i = 0; i < kWarpStateCount; ++i) {
    caused += is_memory_caused(static_cast<WarpState>(i)) ? 1 : 0;
  }
  CHECK(caused == 4);
  CHECK(is_memory_caused(WarpState::lg_throttle));
  CHECK_FALSE(is_memory_caused(WarpState::mio_throttle));
}

TEST_CASE("a length of time is split between the intervals that it lies in") {
  Series series;
  series.add_time(Instant(70_ns), Instant(330_ns));
  series.add_time(Instant(200_ns), Instant(200_ns));
  CHECK(series.amounts() == std::vector<std::uint64_t>{30'000, 100'000, 100'000, 30'000});
}

TEST_CASE("stalls over time add up in each interval and to the whole, however it widens") {
  SplitMix64 random(5);
  StallSeries series;
  StallTimes whole;
  for (int i = 0; i < 3000; ++i) {
    const Instant from(Picoseconds(static_cast<std::int64_t>(random.next() % 400'000'000)));
    const Instant to = from + Picoseconds(static_cast<std::int64_t>(random.next() % 3'000'000));
    series.charge(WarpState::long_scoreboard, from, to);
    series.charge(Cause::dram_queue, from, to);
    series.charge(WarpState::selected, from, from + 500_ps);
    whole.charge(WarpState::long_scoreboard, to - from);
    whole.charge(Cause::dram_queue, to - from);
    whole.charge(WarpState::selected, 500_ps);
  }
  REQUIRE(series.interval() > Picoseconds(Series::kFirstInterval));
  REQUIRE(series.rows().size() <= StallSeries::kMaxIntervals);
  StallTimes sum;
  for (const StallTimes& row : series.rows()) {
    CHECK(row.adds_up());
    sum.add(row);
  }
  CHECK(sum.by_state == whole.by_state);
  CHECK(sum.by_cause == whole.by_cause);
}

TEST_CASE("stalls of two components are added interval by interval, each brought to the wider") {
  StallSeries a, b;
  a.charge(WarpState::wait, Instant(0_ns), Instant(150_ns));
  b.charge(WarpState::wait, Instant(300_ns), Instant(400_ns));
  b.widen_to(Picoseconds(2 * Series::kFirstInterval));
  a.add(b);
  CHECK(a.interval() == 200_ns);
  REQUIRE(a.rows().size() == 2);
  CHECK(a.rows()[0].resident == 150_ns);
  CHECK(a.rows()[1].of(WarpState::wait) == 100_ns);
}
