// The power of a channel over time: what its intervals consumed is what it consumed.

#include "sim/model/dram/power_series.h"

#include <numeric>

#include "tests/support/catch.h"
#include "tests/support/dram.h"

using namespace strobe;
using namespace strobe::dram;
using dram_test::Pattern;

namespace {

ReplayResult replayed(const std::string& part, bool saturating, Picoseconds gap,
                      Pattern pattern = Pattern::copy) {
  ReplaySpec spec;
  spec.channels = 2;
  spec.saturating = saturating;
  spec.energy_over_time = true;
  dram_test::Requests requests(pattern, 3'000, 64, gap);
  Executor executor(1);
  return replay(dram_test::part_named(part), spec, requests, executor);
}

double joules(const std::vector<std::uint64_t>& femtojoules) {
  return 1e-15 * static_cast<double>(
                     std::accumulate(femtojoules.begin(), femtojoules.end(), std::uint64_t{0}));
}

}  // namespace

TEST_CASE("the intervals of every share add up to its energy, at any load") {
  for (const char* part : {"hbm2-2000", "hbm3e-8000-12high", "gddr6-16000", "lpddr5x-8533"}) {
    for (const Picoseconds gap : {Picoseconds(0), Picoseconds(20'000), Picoseconds(500'000)}) {
      CAPTURE(part, gap.count());
      const ReplayResult result = replayed(part, gap == Picoseconds(0), gap);
      const Energy energy =
          energy_of(dram_test::part_named(part), 2, result.counters, result.finish.since_start());
      for (std::size_t i = 0; i < kEnergyShares.size(); ++i) {
        CAPTURE(kEnergyShares[i].name);
        CHECK(joules(result.energy.femtojoules[i]) ==
              Approx(energy.*kEnergyShares[i].energy).epsilon(1e-6).margin(1e-13));
      }
    }
  }
}

TEST_CASE("a stream's power is even, and reads and writes are paid for when they happen") {
  const EnergyOverTime energy = replayed("hbm2-2000", true, Picoseconds(0), Pattern::stream).energy;
  const std::vector<std::uint64_t>& reads = energy.femtojoules[1];
  REQUIRE(reads.size() > 20);
  const double mean = joules(reads) / static_cast<double>(reads.size());
  for (std::size_t i = 4; i + 4 < reads.size(); i += 4) {
    const double four = joules({reads.begin() + static_cast<std::ptrdiff_t>(i),
                                reads.begin() + static_cast<std::ptrdiff_t>(i + 4)});
    CHECK(four / 4 == Approx(mean).epsilon(0.1));
  }
}

TEST_CASE("in a pause only refreshes and standing by consume, and evenly") {
  const PartSpec part = dram_test::part_named("hbm2-2000");
  Channel channel(part);
  PowerSeries power(part);
  dram_test::Recorder recorder(part);
  const auto run = [&](Instant until) {
    channel.run_until(until, recorder);
    return true;
  };
  const auto push_at = [&](Instant at) {
    power.follow(channel, at, run);
    channel.push({0, false, 0, 15, 0}, at);
  };
  push_at(Instant());
  push_at(Instant(40_us));
  power.follow(channel, Instant(41_us), run);
  power.finish(channel, Instant(41_us));
  const auto of = [&](std::size_t share) { return power.shares()[share].amounts(); };
  REQUIRE(of(5).size() == 410);
  std::uint64_t reads = 0;
  for (std::size_t i = 0; i < 410; ++i) {
    if (i < of(1).size()) reads += of(1)[i];
    if (i >= 2 && i < 400) {
      CHECK((i >= of(1).size() || of(1)[i] == 0));
      CHECK(of(4)[i] > 0);
      CHECK(std::abs(static_cast<double>(of(4)[i]) - static_cast<double>(of(4)[2])) <= 1);
    }
  }
  CHECK(of(1)[0] == static_cast<std::uint64_t>(4 * part.energy.read.count()));
  CHECK(reads == static_cast<std::uint64_t>(8 * part.energy.read.count()));
}
