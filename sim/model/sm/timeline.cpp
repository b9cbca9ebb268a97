#include "sim/model/sm/timeline.h"

#include <algorithm>

namespace strobe::sm {

using stats::Cause;

namespace {

// Calls `charge_to(cause, from, to)` for each stage, the last one first.
template <class ChargeTo>
void walk_back(const Clock& clock, Cycles from, const Timeline& timeline,
               const ChargeTo& charge_to) {
  const Instant begin = clock.edge(from);
  Instant end = clock.edge(timeline.done);
  if (end <= begin) return;

  // Charges what of [at least `down_to`, end) lies after `begin`, and moves the end down.
  const auto back_to = [&](Instant down_to, Cause cause) {
    const Instant to = std::max(begin, std::min(down_to, end));
    charge_to(cause, to, end);
    end = to;
  };

  const Instant looked_up = clock.edge(timeline.tag.looked_up);
  if (timeline.missed) {
    const Journey& journey = timeline.journey;
    const Picoseconds in_stages = journey.stages.total();
    const Instant replied = journey.sent + in_stages;
    back_to(std::max(journey.returned, looked_up), Cause::l1_hit);
    back_to(std::max(replied, looked_up), Cause::xbar_reply);
    Instant reached = replied;
    for (std::size_t i = stats::StageTimes::kCount; i-- > 0;) {
      const auto cause = static_cast<Cause>(stats::StageTimes::kFirst + i);
      reached = reached - journey.stages.of(cause);
      back_to(std::max(reached, looked_up), cause);
    }
    reached = reached - journey.translation.walk;
    back_to(std::max(reached, looked_up), Cause::tlb_walk);
    reached = reached - journey.translation.second_level;
    back_to(std::max(reached, looked_up), Cause::tlb_l2);
    reached = reached - journey.translation.page;
    back_to(std::max(reached, looked_up), Cause::page);
    back_to(looked_up, Cause::l1_tag);
  } else {
    back_to(looked_up, Cause::l1_hit);
  }

  const Instant issued = clock.edge(timeline.tag.issued);
  const Picoseconds queued = looked_up - issued;
  const Picoseconds own_lines = std::min(timeline.tag.own_lines, queued);
  const Picoseconds table_full = std::min(timeline.tag.table_full, queued - own_lines);
  back_to(looked_up - own_lines, Cause::l1_coalesce);
  back_to(looked_up - own_lines - table_full, Cause::l1_mshr);
  back_to(issued, Cause::l1_tag);
  STROBE_CHECK(end == begin);
}

}  // namespace

void charge(stats::StallTimes& times, const Clock& clock, Cycles from, const Timeline& timeline) {
  walk_back(clock, from, timeline, [&times](Cause cause, Instant begin, Instant end) {
    times.charge(cause, end - begin);
  });
}

void charge(stats::StallSeries& over_time, const Clock& clock, Cycles from,
            const Timeline& timeline) {
  walk_back(clock, from, timeline, [&over_time](Cause cause, Instant begin, Instant end) {
    over_time.charge(cause, begin, end);
  });
}

}  // namespace strobe::sm
