#include "sim/kernel/clock.h"

#include "tests/support/catch.h"
#include "tests/support/print_units.h"

using namespace strobe;

TEST_CASE("edges of a 3.2 GHz clock are exact after a billion cycles, not 0.16 % early") {
  const Clock clock(3200_MHz);
  CHECK(clock.edge(Cycles(1)) == Instant(312_ps));
  CHECK(clock.edge(Cycles(2)) == Instant(625_ps));
  CHECK(clock.edge(Cycles(3)) == Instant(937_ps));
  // n x 312.5 ps, rounded down.
  for (std::int64_t n = 1; n <= 1'000'000'000; n = n * 7 / 3 + 1) {
    CHECK(clock.edge(Cycles(n)) == Instant(Picoseconds(n * 625 / 2)));
  }
  CHECK(clock.edge(Cycles(1'000'000'000)) == Instant(Picoseconds(312'500'000'000)));
}

TEST_CASE("edges are the same whether or not whole milliseconds are split off") {
  const Clock clock(Kilohertz(877'000));
  __extension__ using Wide = __int128;
  constexpr std::int64_t kSplit = std::int64_t{1} << 34;
  for (std::int64_t n = kSplit - 5; n < kSplit + 5; ++n) {
    const auto exact = static_cast<std::int64_t>(Wide{n} * 1'000'000'000 / 877'000);
    CHECK(clock.edge(Cycles(n)) == Instant(Picoseconds(exact)));
  }
}

TEST_CASE("the first edge from an edge is that edge, and a picosecond later the next one") {
  for (const std::int64_t khz : {1, 877'000, 999'999, 1'000'000, 1'380'000, 1'735'001, 3'200'000}) {
    const Clock clock{Kilohertz(khz)};
    for (std::int64_t n = 0; n < 3'000'000'000; n = n * 3 / 2 + 1) {
      const Instant edge = clock.edge(Cycles(n));
      CHECK(clock.first_edge_from(edge) == Cycles(n));
      CHECK(clock.first_edge_from(edge + 1_ps) == Cycles(n + 1));
    }
  }
}

TEST_CASE("a duration takes the fewest cycles that cover it, as JEDEC rounds") {
  const Clock clock(800_MHz);  // 1.25 ns
  CHECK(clock.cycles_covering(0_ps) == Cycles(0));
  CHECK(clock.cycles_covering(1_ps) == Cycles(1));
  CHECK(clock.cycles_covering(1250_ps) == Cycles(1));
  CHECK(clock.cycles_covering(1251_ps) == Cycles(2));
  CHECK(clock.cycles_covering(18_ns) == Cycles(15));  // 14.4
  CHECK(clock.cycles_covering(3900_ns) == Cycles(3120));
  CHECK(Clock(3200_MHz).cycles_covering(312_ps) == Cycles(1));
  CHECK(Clock(3200_MHz).cycles_covering(313_ps) == Cycles(2));
}

TEST_CASE("a day of simulated time does not overflow") {
  const std::int64_t day = std::int64_t{86'400} * 1'000'000'000'000;
  const Clock clock(2520_MHz);
  const Cycles cycles = clock.first_edge_from(Instant(Picoseconds(day)));
  CHECK(cycles == Cycles(std::int64_t{86'400} * 2'520'000'000));
  CHECK(clock.edge(cycles) == Instant(Picoseconds(day)));
}
