// A data clock that stops is started anew before the column command that needs it, and only then.

#include "tests/support/catch.h"
#include "tests/support/dram.h"

using namespace strobe;
using namespace strobe::dram;

namespace {

// Two reads of one row, the second pushed `gap` clocks after the first one's column command.
struct TwoReads {
  explicit TwoReads(const PartSpec& part, Cycles gap) : recorder(part) {
    Channel channel(part);
    const Clock clock(part.command_clock());
    channel.push({0, false, 0, 1, 0}, Instant());
    const Cycles first = cycles_of(part, "tRCDRD");
    channel.run_until(clock.edge(first + gap), recorder);
    channel.push({1, false, 0, 2, 0}, clock.edge(first + gap));
    dram_test::run_dry(channel, recorder);
    REQUIRE(recorder.checker.violation_count() == 0);
    REQUIRE(recorder.completions.size() == 2);
    const Instant pushed = clock.edge(first + gap);
    latency =
        clock.first_edge_from(recorder.completions[1].data_end) - clock.first_edge_from(pushed);
  }

  int starts() const {
    return static_cast<int>(std::count_if(
        recorder.commands.begin(), recorder.commands.end(),
        [](const IssuedCommand& c) { return c.command == Command::start_data_clock; }));
  }

  dram_test::Recorder recorder;
  Cycles latency;
};

}  // namespace

TEST_CASE("a read while the data clock runs needs no start and waits for none") {
  const PartSpec part = dram_test::part_named("lpddr5-6400");
  const Cycles hit = cycles_of(part, "CL") + part.burst_cycles();
  const Cycles runs_on = hit + cycles_of(part, "tWCKPST");
  const TwoReads just_in_time(part, runs_on);
  CHECK(just_in_time.starts() == 1);  // for the first read
  CHECK(just_in_time.latency == hit);
  const TwoReads too_late(part, runs_on + Cycles(1));
  CHECK(too_late.starts() == 2);
  CHECK(too_late.latency == hit + Cycles(1));
}

TEST_CASE("the data clock starts while an activate is waited for, in the clock before the read") {
  const PartSpec part = dram_test::part_named("lpddr5x-8533");
  const TwoReads reads(part, Cycles(0));
  const std::vector<IssuedCommand>& commands = reads.recorder.commands;
  REQUIRE(commands.size() == 4);
  CHECK(commands[0].command == Command::activate);
  CHECK(commands[1].command == Command::start_data_clock);
  CHECK(commands[2].command == Command::read);
  const Clock clock(part.command_clock());
  CHECK(commands[1].at == clock.edge(cycles_of(part, "tRCDRD") - Cycles(1)));
  CHECK(commands[2].at == clock.edge(cycles_of(part, "tRCDRD")));
}

// Whatever else the start was seen to leave time for: a refresh, a row for a request that has just
// come, in the same bank too, the turning of the bus.
TEST_CASE("nothing comes between the start of the data clock and the column command it is for") {
  const PartSpec part = dram_test::part_named("lpddr5-6400");
  const std::uint64_t lines = GENERATE(65'536U, 1'024U);  // many rows of a bank, or few
  const std::uint64_t seed = GENERATE(1U, 2U, 3U);
  Channel channel(part);
  dram_test::Recorder recorder(part);
  SplitMix64 random(seed);
  Instant now;
  for (std::uint32_t i = 0; i < 100'000; ++i) {
    const std::uint64_t draw = random.next();
    now = now + Picoseconds(static_cast<std::int64_t>(draw % 80'000));
    channel.run_until(now, recorder);
    const bool is_write = draw >> 20 & 1;
    if ((is_write ? channel.write_room(0) : channel.read_room(0)) == 0) continue;
    channel.push({i, is_write, 0, 1, (draw >> 24) % lines * 4}, now);
  }
  dram_test::run_dry(channel, recorder);
  CAPTURE(lines, seed);
  INFO(
      (recorder.checker.violations().empty() ? "" : describe(recorder.checker.violations()[0], 0)));
  CHECK(recorder.checker.violation_count() == 0);
}

TEST_CASE("a data clock that never stops is never started") {
  CHECK(TwoReads(dram_test::part_named("hbm3-6400"), Cycles(2'000)).starts() == 0);
}
