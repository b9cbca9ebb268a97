#pragma once

// The main loop. Everything a run does, it does from here.

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <span>
#include <vector>

#include "sim/base/check.h"
#include "sim/kernel/event_queue.h"
#include "sim/kernel/executor.h"

namespace strobe {

// A group of components that share an event queue, and with it a thread.
template <class P>
concept Partition = requires(P& partition, Instant end) {
  { partition.next_at() } -> std::same_as<Instant>;  // its earliest event, or never
  partition.run_until(end);  // handles every event before `end`, keeps what it sends elsewhere
  partition.hand_over();     // pushes what it kept to the receivers' queues
};

// A message needs at least `lookahead` to cross from one partition to another, so inside a window
// of that length no partition can touch another: they run side by side. Events are ordered by the
// model alone (see TieBreak), hence the number of threads cannot be seen in the results. Returns
// when no partition has an event left.
template <Partition P>
void run(std::span<P> partitions, Picoseconds lookahead, Executor& executor) {
  STROBE_CHECK(lookahead > Picoseconds(0));
  std::vector<std::uint32_t> busy;  // those with an event in this window
  busy.reserve(partitions.size());
  for (;;) {
    Instant start = Instant::never();
    for (P& partition : partitions) start = std::min(start, partition.next_at());
    if (start == Instant::never()) return;
    const Instant end = start + lookahead;

    busy.clear();
    for (std::uint32_t i = 0; i < partitions.size(); ++i) {
      if (partitions[i].next_at() < end) busy.push_back(i);
    }
    executor.for_each_index(busy.size(),
                            [&](std::size_t i) { partitions[busy[i]].run_until(end); });
    for (const std::uint32_t i : busy) partitions[i].hand_over();
  }
}

}  // namespace strobe
