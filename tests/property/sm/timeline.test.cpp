// The charging of a wait against an explicit list of the stages that a line went through.

#include "sim/model/sm/timeline.h"

#include <vector>

#include "sim/base/random.h"
#include "tests/support/catch.h"
#include "tests/support/print_units.h"

using namespace strobe;
using namespace strobe::sm;
using stats::Cause;

namespace {

struct Stage {
  Cause cause;
  Instant from, to;
};

struct Journal {
  Timeline timeline;
  std::vector<Stage> stages;  // one after the other, from issue until done
};

std::int64_t up_to(SplitMix64& random, std::uint64_t most) {
  return static_cast<std::int64_t>(random.next() % (most + 1));
}

// A line that is looked up, misses or not, and joins another's request or sends its own.
Journal random_journal(SplitMix64& random, const Clock& clock) {
  Journal journal;
  Timeline& timeline = journal.timeline;
  timeline.tag.issued = Cycles(100 + up_to(random, 50));
  timeline.tag.looked_up = timeline.tag.issued + Cycles(up_to(random, 60));
  const Instant issued = clock.edge(timeline.tag.issued);
  const Instant looked_up = clock.edge(timeline.tag.looked_up);
  Picoseconds left = looked_up - issued;
  timeline.tag.own_lines = Picoseconds(up_to(random, static_cast<std::uint64_t>(left.count())));
  left -= timeline.tag.own_lines;
  timeline.tag.table_full = Picoseconds(up_to(random, static_cast<std::uint64_t>(left.count())));
  left -= timeline.tag.table_full;
  journal.stages.push_back({Cause::l1_tag, issued, issued + left});
  journal.stages.push_back({Cause::l1_mshr, issued + left, looked_up - timeline.tag.own_lines});
  journal.stages.push_back({Cause::l1_coalesce, looked_up - timeline.tag.own_lines, looked_up});
  timeline.missed = random.next() % 4 != 0;
  if (!timeline.missed) {
    timeline.done = timeline.tag.looked_up + Cycles(up_to(random, 30));
    journal.stages.push_back({Cause::l1_hit, looked_up, clock.edge(timeline.done)});
    return journal;
  }

  Journey& journey = timeline.journey;
  const bool joins = random.next() % 2 == 0;  // a request that was sent before
  journey.sent = joins ? looked_up - Picoseconds(up_to(random, 90'000))
                       : looked_up + Picoseconds(up_to(random, 20'000));
  if (!joins) journal.stages.push_back({Cause::l1_tag, looked_up, journey.sent});
  Instant at = journey.sent;
  for (std::size_t i = 0; i < stats::StageTimes::kCount; ++i) {
    const auto cause = static_cast<Cause>(stats::StageTimes::kFirst + i);
    const Picoseconds length(random.next() % 3 == 0 ? up_to(random, 50'000) : 0);
    journey.stages.add(cause, length);
    journal.stages.push_back({cause, std::max(at, looked_up), std::max(at + length, looked_up)});
    at = at + length;
  }
  journey.returned = at + Picoseconds(up_to(random, 40'000));
  journal.stages.push_back(
      {Cause::xbar_reply, std::max(at, looked_up), std::max(journey.returned, looked_up)});
  const Instant filled = std::max(journey.returned, looked_up);
  timeline.done = clock.first_edge_from(filled) + Cycles(up_to(random, 10));
  journal.stages.push_back({Cause::l1_hit, filled, clock.edge(timeline.done)});
  return journal;
}

}  // namespace

TEST_CASE("a wait is charged to the stages in which its line was, each for its part of the wait") {
  SplitMix64 random(1);
  for (const std::int64_t khz : {1'000'000, 1'380'000, 2'520'000}) {
    const Clock clock{Kilohertz(khz)};
    for (int i = 0; i < 3000; ++i) {
      const Journal journal = random_journal(random, clock);
      const Timeline& timeline = journal.timeline;
      const std::int64_t whole = (timeline.done - timeline.tag.issued).count();
      const Cycles from =
          timeline.tag.issued + Cycles(up_to(random, static_cast<std::uint64_t>(whole)));
      CAPTURE(khz, i, timeline.missed);

      stats::StallTimes times, expected;
      charge(times, clock, from, timeline);
      for (const Stage& stage : journal.stages) {
        const Instant begin = std::max(stage.from, clock.edge(from));
        if (stage.to > begin) expected.charge(stage.cause, stage.to - begin);
      }
      Picoseconds sum;
      for (std::size_t cause = 0; cause < stats::kCauseCount; ++cause) {
        REQUIRE(times.by_cause[cause] == expected.by_cause[cause]);
        REQUIRE(times.by_cause[cause] >= Picoseconds(0));
        sum += times.by_cause[cause];
      }
      REQUIRE(sum == clock.edge(timeline.done) - clock.edge(from));
    }
  }
}

TEST_CASE("a wait that began when the line was there is charged nothing") {
  stats::StallTimes times;
  Timeline timeline;
  timeline.done = Cycles(10);
  charge(times, Clock(1000_MHz), Cycles(10), timeline);
  charge(times, Clock(1000_MHz), Cycles(20), timeline);
  for (const Picoseconds time : times.by_cause) CHECK(time == Picoseconds(0));
}
