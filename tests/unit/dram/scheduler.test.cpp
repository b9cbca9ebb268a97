// Nobody waits for ever, however the others behave.

#include "tests/support/catch.h"
#include "tests/support/dram.h"

using namespace strobe;
using namespace strobe::dram;

namespace {

PartSpec unhashed() {
  PartSpec part = dram_test::part_named("hbm2-2000");
  part.mapping.bank_hash = BankHash::none;
  return part;
}

constexpr std::uint32_t kWatched = 1;

struct Watch {
  static constexpr bool kWantsCommands = false;
  void completed(std::uint32_t tag, Instant data_end, const stats::StageTimes&) {
    if (tag == kWatched) done = data_end;
  }
  void issued(const IssuedCommand&) {}
  Instant done = Instant::never();
};

// How long one request takes while the queue of `flood_is_write` is kept full of hits in row 0 of
// bank 0 of the first bank group.
Picoseconds latency_under_flood(const PartSpec& part, const Request& watched, bool flood_is_write) {
  Channel channel(part);
  Watch watch;
  Instant now;
  const Instant pushed(1_us), end(50_us);
  std::uint64_t count = 0;
  bool asked = false;
  while (now < end && watch.done == Instant::never()) {
    if (!asked && now >= pushed) {
      channel.push(watched, now);
      asked = true;
    }
    // One place is left for the request that is watched.
    while ((flood_is_write ? channel.write_room(0) : channel.read_room(0)) > 1) {
      channel.push({0, flood_is_write, 0, 15, count++ % 8 * 4 * 4}, now);
    }
    now = channel.run_to_completion(watch).at;
  }
  return std::min(watch.done, end) - pushed;
}

constexpr std::uint64_t kOtherRow = 128 * 4;  // the same bank
constexpr std::uint64_t kOtherBank = 32 * 4 + 4;

}  // namespace

TEST_CASE("hits do not keep another row of their bank waiting past the starvation cap") {
  const PartSpec part = unhashed();
  const Picoseconds latency = latency_under_flood(part, {kWatched, false, 0, 1, kOtherRow}, false);
  CHECK(latency > part.controller.starvation_cap);
  CHECK(latency < part.controller.starvation_cap + 200_ns);
}

TEST_CASE("a few writes do not wait for ever while reads keep coming") {
  const PartSpec part = unhashed();
  const Picoseconds latency = latency_under_flood(part, {kWatched, true, 0, 1, kOtherBank}, false);
  CHECK(latency < part.controller.starvation_cap + 2_us);
}

TEST_CASE("a read does not wait for ever while writes keep coming") {
  const PartSpec part = unhashed();
  const Picoseconds latency = latency_under_flood(part, {kWatched, false, 0, 1, kOtherBank}, true);
  CHECK(latency < 2_us);
}

TEST_CASE("writes do not wait for ever for a read that the write queue answered") {
  Channel channel(unhashed());
  Watch watch;
  const Instant now(1_us);
  channel.run_until(now, watch);
  channel.push({0, true, 0, 1, 0}, now);
  REQUIRE(channel.next_at() == now);
  channel.push({0, false, 0, 1, 0}, now);  // the same burst: needs no command
  channel.push({kWatched, true, 0, 1, kOtherBank}, now);
  channel.run_until(now, watch);  // the next command is chosen before the answer is reported
  channel.run_until(now + 100_ns, watch);
  CHECK(watch.done < now + 100_ns);
  CHECK(channel.idle());
}

TEST_CASE("a run to a completion issues what single clocks up to it would, and nothing later") {
  const PartSpec part = unhashed();
  Channel by_clocks(part), at_once(part);
  dram_test::Recorder clocks(part), once(part);
  for (std::uint32_t tag = 0; tag < 12; ++tag) {
    const Request request{tag, tag % 3 == 0, static_cast<std::uint8_t>(tag % 2), 15, tag * 256u};
    by_clocks.push(request, Instant());
    at_once.push(request, Instant());
  }
  CHECK(at_once.run_to_completion(Instant(1_ns), once) == Instant::never());
  while (!by_clocks.idle()) {
    Instant clock;
    for (const std::size_t done = clocks.completions.size(); clocks.completions.size() == done;) {
      clock = by_clocks.next_at();
      by_clocks.run_until(clock + 1_ps, clocks);
    }
    REQUIRE(at_once.run_to_completion(Instant(1'000_us), once) == clock);
    REQUIRE(once.commands.size() == clocks.commands.size());
    REQUIRE(once.completions.size() == clocks.completions.size());
  }
  CHECK(at_once.idle());
}
