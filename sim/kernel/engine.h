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

// When the partitions have their next event, and the earliest of each side.
class NextEvents {
 public:
  NextEvents(std::span<const Instant> next_at, const Sides& sides)
      : sides_(&sides), next_at_(next_at.begin(), next_at.end()) {
    STROBE_CHECK(next_at.size() == sides.end(sides.count() - 1));
    for (std::uint32_t side = 0; side < sides.count(); ++side) {
      side_of_.insert(side_of_.end(), sides.end(side) - sides.begin(side), side);
      const auto begin = next_at.begin() + sides.begin(side);
      const auto end = next_at.begin() + sides.end(side);
      earliest_.push_back(begin == end ? Instant::never() : *std::min_element(begin, end));
    }
  }

  const std::vector<Instant>& by_side() const { return earliest_; }

  // Puts the partitions of the side that have an event before `end` into `busy`. Until they have
  // been told anew, the side's earliest is that of the others.
  void take_before(Instant end, std::size_t side, std::vector<std::uint32_t>& busy) {
    Instant earliest = Instant::never();
    for (std::uint32_t i = sides_->begin(side); i < sides_->end(side); ++i) {
      if (next_at_[i] < end) {
        busy.push_back(i);
      } else {
        earliest = std::min(earliest, next_at_[i]);
      }
    }
    earliest_[side] = earliest;
  }

  // A partition that was busy has its next event then, or never.
  void tell(std::uint32_t partition, Instant at) {
    next_at_[partition] = at;
    note(partition, at);
  }
  // Something reaches the partition then.
  void arrive(std::uint32_t partition, Instant at) {
    next_at_[partition] = std::min(next_at_[partition], at);
    note(partition, at);
  }

 private:
  void note(std::uint32_t partition, Instant at) {
    Instant& earliest = earliest_[side_of_[partition]];
    earliest = std::min(earliest, at);
  }

  const Sides* sides_;
  std::vector<Instant> next_at_;        // by partition
  std::vector<std::uint32_t> side_of_;  // by partition
  std::vector<Instant> earliest_;       // by side
};

// A group of components that share a thread.
template <class P>
concept Partition = requires(P& partition, Instant end, NextEvents& next) {
  { partition.next_at() } -> std::same_as<Instant>;  // its earliest event, or never
  partition.run_until(end);   // handles every event before `end`, keeps what it sends elsewhere
  partition.hand_over(next);  // gives what it kept to the receivers, whose next may be earlier
};

// The side whose earliest event is the earliest of all runs on until the earliest instant at which
// something from another partition could reach it; then what its partitions sent is handed over,
// and so on. Meanwhile no partition can touch another, so they run side by side. That one side runs
// at a time makes its windows long: it may go on until its own messages could be answered. Events
// are ordered by the model alone (see TieBreak), hence neither the windows nor the number of
// threads can be seen in the results. Returns when no partition has an event left.
template <Partition P>
void run(std::span<P> partitions, const Sides& sides, Executor& executor) {
  std::vector<Instant> next_at;
  for (const P& partition : partitions) next_at.push_back(partition.next_at());
  NextEvents next(next_at, sides);
  const std::vector<Instant>& start = next.by_side();
  std::vector<std::uint32_t> busy;  // those with an event in this window
  busy.reserve(partitions.size());
  for (;;) {
    const auto first = std::min_element(start.begin(), start.end());
    if (*first == Instant::never()) return;
    const auto side = static_cast<std::size_t>(first - start.begin());
    Instant end = Instant::never();
    for (std::size_t from = 0; from < sides.count(); ++from) {
      if (start[from] == Instant::never() || sides.reach(from, side) == Sides::kNoFlight) continue;
      end = std::min(end, start[from] + sides.reach(from, side));
    }

    busy.clear();
    next.take_before(end, side, busy);
    executor.for_each_index(busy.size(),
                            [&](std::size_t i) { partitions[busy[i]].run_until(end); });
    for (const std::uint32_t i : busy) next.tell(i, partitions[i].next_at());
    for (const std::uint32_t i : busy) partitions[i].hand_over(next);
  }
}

}  // namespace strobe
