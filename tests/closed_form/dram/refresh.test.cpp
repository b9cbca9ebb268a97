// What refreshes take off a burst of requests after a rest: nothing as long as those that come due
// within it were pulled in before, and tRFCab an interval where none may be.

#include <algorithm>

#include "tests/support/catch.h"
#include "tests/support/dram.h"

using namespace strobe;
using namespace strobe::dram;
using dram_test::cycles;
using dram_test::line_at;

namespace {

constexpr int kRestIntervals = 20, kBurstIntervals = 6;

// All banks at once and none put off, so that nothing hides behind anything.
PartSpec refreshed(PartSpec part, std::uint32_t pull_in_limit) {
  part.mapping.bank_hash = BankHash::none;
  part.refresh.kind = RefreshKind::all_bank;
  part.refresh.postpone_limit = 1;
  part.refresh.pull_in_limit = pull_in_limit;
  return part;
}

struct LastData {
  static constexpr bool kWantsCommands = true;
  explicit LastData(const PartSpec& part) : checker(part) {}
  void completed(std::uint32_t, Instant data_end, const stats::StageTimes&) {
    last = std::max(last, data_end);
  }
  void issued(const IssuedCommand& command) { checker.see(command); }
  CommandChecker checker;
  Instant last;
};

struct Burst {
  double clocks;
  std::uint64_t pulled_in;
};

// A stream of hits for some tREFI after a rest of some more.
Burst burst_after_rest(const PartSpec& part, const PartSpec& part_for_times) {
  const Clock clock(part.command_clock());
  const Cycles interval = cycles_of(part_for_times, "tREFI");
  const Instant begin = clock.edge(interval * kRestIntervals + Cycles(interval.count() / 2));
  const std::uint64_t requests = static_cast<std::uint64_t>(
      cycles(part_for_times, "tREFI") * kBurstIntervals / (4 * cycles(part, "tCCD_S")));
  Channel channel(part);
  LastData sink(part);
  channel.run_until(begin, sink);
  Instant now = begin;
  for (std::uint64_t i = 0; i < requests;) {
    for (; i < requests && channel.read_room(0) > 0; ++i)
      channel.push({0, false, 0, 15, i * 4}, now);
    now = channel.run_to_completion(sink).at;
  }
  dram_test::run_dry(channel, sink);
  REQUIRE(sink.checker.violation_count() == 0);
  const double clock_ps = 1e9 / static_cast<double>(part.command_clock().count());
  return {static_cast<double>((sink.last - begin).count()) / clock_ps,
          channel.counters(now).refreshes_pulled_in};
}

}  // namespace

TEST_CASE("a burst after a rest loses nothing to refreshes that were pulled in") {
  for (const std::string& name : dram_test::part_names()) {
    CAPTURE(name);
    const PartSpec part = dram_test::part_named(name);
    const Burst never = burst_after_rest(dram_test::plain(part), part);
    const Burst pulled = burst_after_rest(refreshed(part, 8), part);
    const Burst due = burst_after_rest(refreshed(part, 0), part);
    // But for a clock of the bus of row commands, which the other pseudo-channel's share.
    CHECK(pulled.clocks == Approx(never.clocks).margin(1.01));
    CHECK(pulled.pulled_in >= kRestIntervals);
    CHECK(due.pulled_in == 0);
    CHECK(due.clocks - never.clocks >= kBurstIntervals * cycles(part, "tRFCab"));
    const double reopening = cycles(part, "tRAS") + cycles(part, "tRP") + cycles(part, "tRCDRD");
    CHECK(due.clocks - never.clocks <=
          (kBurstIntervals + 2) * (cycles(part, "tRFCab") + 3 * reopening));
  }
}
