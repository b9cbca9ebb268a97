// A load that a memory can carry is carried, and a sweep finds where it cannot.

#include "sim/base/error.h"
#include "sim/run/load_sweep.h"
#include "tests/support/catch.h"
#include "tests/support/dram.h"
#include "tests/support/scratch_folder.h"

using namespace strobe;
using namespace strobe::run;
using trace::RequestPattern;

namespace {

const std::vector<std::string> kParts{"hbm2-2000", "gddr6-16000", "lpddr5x-8533"};

MemoryRequestRun requests_of(const std::string& part, RequestPattern pattern,
                             std::uint64_t requests) {
  MemoryRequestRun run;
  run.part = part;
  run.input = trace::RequestRecipe{pattern, requests};
  return run;
}

double bandwidth_of(const dram::ReplayResult& result) {
  const auto bytes = static_cast<double>((result.bytes_read + result.bytes_written).count());
  return bytes / (static_cast<double>(result.finish.since_start().count()) * 1e-12);
}

struct NobodyWatches : SweepProgress {
  void points_done(std::size_t done, std::size_t all) override {
    CHECK(done == ++seen);
    CHECK(done <= all);
  }
  std::size_t seen = 0;
};

}  // namespace

TEST_CASE("below saturation the load that is offered is achieved within 1 %") {
  for (const std::string& part : kParts) {
    for (const RequestPattern pattern : {RequestPattern::sequential, RequestPattern::random,
                                         RequestPattern::stride, RequestPattern::mixed}) {
      MemoryRequestRun run = requests_of(part, pattern, 20'000);
      const double most = bandwidth_of(run_on_memory(run).result);
      for (const double share : {0.4, 0.8}) {
        CAPTURE(part, static_cast<int>(pattern), share);
        // 120 us: the way of the last requests does not count.
        const auto requests = static_cast<std::uint64_t>(most * share * 120e-6 / 32);
        run.input = trace::RequestRecipe{pattern, requests};
        run.load = BytesPerSecond(static_cast<std::int64_t>(most * share));
        const dram::ReplayResult result = run_on_memory(run).result;
        CHECK(result.requests == requests);
        CHECK(bandwidth_of(result) == Approx(most * share).epsilon(0.01));
      }
    }
  }
}

TEST_CASE("requests at a load come evenly, to the picosecond and without drift") {
  // 32 bytes at 7 GB/s: every 4571 3/7 ps.
  OfferedRequests requests(trace::RequestRecipe{RequestPattern::sequential, 7'001}, 1000_MHz,
                           BytesPerSecond(7'000'000'000));
  CHECK(requests.timed());
  dram::ReplayRequest request;
  for (std::int64_t i = 0; requests.next(request); ++i) {
    REQUIRE(request.arrival == Instant(Picoseconds(i * 32'000 / 7)));
  }
  CHECK(request.arrival == Instant(32'000'000_ps));
}

TEST_CASE("where reads spent their time adds up to their latencies, to the picosecond") {
  for (const std::string& part : kParts) {
    const dram::ReplayResult result =
        run_on_memory(requests_of(part, RequestPattern::mixed, 30'000)).result;
    Picoseconds stages;
    for (const Picoseconds stage : result.stages[0]) stages += stage;
    CHECK(stages == result.read_latency.sum());
  }
}

TEST_CASE("the counters of channels and banks add up to those of the part") {
  for (const std::string& part : kParts) {
    const dram::ReplayResult result =
        run_on_memory(requests_of(part, RequestPattern::random, 30'000)).result;
    dram::Counters channels;
    dram::BankCounters banks;
    for (const dram::ChannelCounters& channel : result.channels) {
      stats::add(channels, channel.all, dram::kCounters);
      for (const dram::BankCounters& bank : channel.banks) {
        stats::add(banks, bank, dram::kBankCounters);
      }
    }
    for (const auto& row : dram::kCounters) {
      CAPTURE(row.name);
      CHECK(channels.*row.counter == result.counters.*row.counter);
    }
    CHECK(banks.activates == result.counters.activates);
    CHECK(banks.reads == result.counters.reads);
    CHECK(banks.writes == result.counters.writes);
    CHECK(banks.row_hits == result.counters.row_hits);
    CHECK(banks.row_misses == result.counters.row_misses);
    CHECK(banks.row_conflicts == result.counters.row_conflicts);
    CHECK(banks.refreshes > 0);
  }
}

TEST_CASE("a sweep is the same for any number of threads, and latency does not fall with load") {
  std::vector<Picoseconds> sums;
  for (const int threads : {1, 3}) {
    MemoryRequestRun run = requests_of("hbm2-2000", RequestPattern::random, 20'000);
    run.threads = threads;
    NobodyWatches progress;
    const LoadSweepOutcome outcome = sweep_load(run, progress);
    CHECK(progress.seen == outcome.points.size());
    CHECK(outcome.points.front().share == 0.05);
    CHECK(outcome.points.back().share == 1);
    const auto& first = outcome.points.front().result.read_latency;
    const auto& last = outcome.points.back().result.read_latency;
    CHECK(last.sum().count() > 3 * first.sum().count());
    for (const report::LoadPoint& point : outcome.points) {
      sums.push_back(point.result.read_latency.sum());
    }
  }
  const auto half = sums.begin() + static_cast<std::ptrdiff_t>(sums.size() / 2);
  CHECK(std::equal(sums.begin(), half, half));
}

TEST_CASE("a trace that has times is offered at no other load") {
  const test::ScratchFolder folder;
  MemoryRequestRun run;
  run.part = "hbm2-2000";
  run.input = RequestFile{folder.write("timed.txt", "0x0 R 1ns\n0x40 R 2ns\n")};
  NobodyWatches progress;
  CHECK_THROWS_AS(sweep_load(run, progress), UserError);
  run.load = BytesPerSecond(1'000'000'000);
  CHECK_THROWS_AS(run_on_memory(run), UserError);
}
