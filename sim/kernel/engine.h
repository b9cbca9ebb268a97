#pragma once

// The main loop. Everything a run does, it does from here.

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <span>
#include <vector>

#include "sim/base/check.h"
#include "sim/kernel/executor.h"
#include "sim/kernel/sides.h"

namespace strobe {

// A group of components that share a thread.
template <class P>
concept Partition = requires(P& partition, Instant end, std::span<Instant> next_at) {
  { partition.next_at() } -> std::same_as<Instant>;  // its earliest event, or never
  partition.run_until(end);      // handles every event before `end`, keeps what it sends elsewhere
  partition.hand_over(next_at);  // gives what it kept to the receivers, whose next may be earlier
};

// When the partitions of each side have their next event.
class NextEvents {
 public:
  template <Partition P>
  NextEvents(std::span<P> partitions, const Sides& sides) : sides_(&sides) {
    STROBE_CHECK(partitions.size() == sides.end(sides.count() - 1));
    for (const P& partition : partitions) next_at_.push_back(partition.next_at());
  }

  std::span<Instant> by_partition() { return next_at_; }
  Instant of(std::uint32_t partition) const { return next_at_[partition]; }

  Instant of_side(std::size_t side) const {
    Instant next = Instant::never();
    for (std::uint32_t i = sides_->begin(side); i < sides_->end(side); ++i) {
      next = std::min(next, next_at_[i]);
    }
    return next;
  }

 private:
  const Sides* sides_;
  std::vector<Instant> next_at_;
};

// The side whose earliest event is the earliest of all runs on until the earliest instant at which
// something from another partition could reach it; then what its partitions sent is handed over,
// and so on. Meanwhile no partition can touch another, so they run side by side. That one side runs
// at a time makes its windows long: it may go on until its own messages could be answered. Events
// are ordered by the model alone (see TieBreak), hence neither the windows nor the number of
// threads can be seen in the results. Returns when no partition has an event left.
template <Partition P>
void run(std::span<P> partitions, const Sides& sides, Executor& executor) {
  NextEvents next(partitions, sides);
  std::vector<Instant> start(sides.count());
  std::vector<std::uint32_t> busy;  // those with an event in this window
  busy.reserve(partitions.size());
  for (;;) {
    for (std::size_t side = 0; side < sides.count(); ++side) start[side] = next.of_side(side);
    const auto first = std::min_element(start.begin(), start.end());
    if (*first == Instant::never()) return;
    const auto side = static_cast<std::size_t>(first - start.begin());
    Instant end = Instant::never();
    for (std::size_t from = 0; from < sides.count(); ++from) {
      if (start[from] == Instant::never() || sides.reach(from, side) == Sides::kNoFlight) continue;
      end = std::min(end, start[from] + sides.reach(from, side));
    }

    busy.clear();
    for (std::uint32_t i = sides.begin(side); i < sides.end(side); ++i) {
      if (next.of(i) < end) busy.push_back(i);
    }
    executor.for_each_index(busy.size(),
                            [&](std::size_t i) { partitions[busy[i]].run_until(end); });
    for (const std::uint32_t i : busy) next.by_partition()[i] = partitions[i].next_at();
    for (const std::uint32_t i : busy) partitions[i].hand_over(next.by_partition());
  }
}

}  // namespace strobe
