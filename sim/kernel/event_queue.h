#pragma once

// The simulator's only notion of "next". Events are small values in one flat array; nothing is
// allocated per event and nothing is called through a pointer.

#include <algorithm>
#include <compare>
#include <cstdint>
#include <vector>

#include "sim/base/check.h"
#include "sim/base/units.h"

namespace strobe {

struct ComponentId {
  std::uint32_t value;
  constexpr auto operator<=>(const ComponentId&) const = default;
};

// Where an event stands among those of the same instant: by sender, then by the sender's own count.
// Both come from the model, never from the order of insertion, so the order of a run is the same
// for any number of threads.
struct TieBreak {
  ComponentId sender;
  std::uint32_t nth_of_sender;
  constexpr auto operator<=>(const TieBreak&) const = default;
};

struct Event {
  // `message` of an event that carries none: the target asked to be woken.
  static constexpr std::uint32_t kWake = 0xFFFF'FFFF;

  Instant at;
  TieBreak tie;
  ComponentId target;
  std::uint32_t message;  // slot in the partition's messages, or kWake

  constexpr bool precedes(const Event& other) const {
    return at != other.at ? at < other.at : tie < other.tie;
  }
};
static_assert(sizeof(Event) == 24, "three words: the heap moves events by the million");

// A heap of four children a node: half as deep as one of two, and the children lie together.
class EventQueue {
 public:
  bool empty() const { return heap_.empty(); }
  Instant next_at() const { return empty() ? Instant::never() : heap_.front().at; }
  // REQUIRES: not empty().
  const Event& front() const { return heap_.front(); }

  void push(const Event& event) {
    STROBE_ASSERT(event.at >= last_popped_at_);  // the past is settled
    std::size_t hole = heap_.size();
    heap_.push_back(event);
    while (hole > 0) {
      const std::size_t parent = (hole - 1) / kChildren;
      if (!event.precedes(heap_[parent])) break;
      heap_[hole] = heap_[parent];
      hole = parent;
    }
    heap_[hole] = event;
  }

  Event pop() {
    STROBE_ASSERT(!empty());
    const Event first = heap_.front();
    const Event last = heap_.back();
    heap_.pop_back();
    if (!heap_.empty()) sink(last);
    last_popped_at_ = first.at;
    return first;
  }

 private:
  static constexpr std::size_t kChildren = 4;

  // Puts `event` where the front was, or below.
  void sink(const Event& event) {
    const std::size_t size = heap_.size();
    std::size_t hole = 0;
    for (;;) {
      const std::size_t first = hole * kChildren + 1;
      if (first >= size) break;
      const std::size_t end = std::min(first + kChildren, size);
      std::size_t next = first;
      for (std::size_t child = first + 1; child < end; ++child) {
        if (heap_[child].precedes(heap_[next])) next = child;
      }
      if (!heap_[next].precedes(event)) break;
      heap_[hole] = heap_[next];
      hole = next;
    }
    heap_[hole] = event;
  }

  std::vector<Event> heap_;
  Instant last_popped_at_;
};

}  // namespace strobe
