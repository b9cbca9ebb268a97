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

class EventQueue {
 public:
  explicit EventQueue(std::size_t capacity) { heap_.reserve(capacity); }

  bool empty() const { return heap_.empty(); }
  Instant next_at() const { return empty() ? Instant::never() : heap_.front().at; }

  void push(const Event& event) {
    STROBE_ASSERT(event.at >= last_popped_at_);  // the past is settled
    heap_.push_back(event);
    std::push_heap(heap_.begin(), heap_.end(), runs_later);
  }

  Event pop() {
    STROBE_ASSERT(!empty());
    std::pop_heap(heap_.begin(), heap_.end(), runs_later);
    const Event event = heap_.back();
    heap_.pop_back();
    last_popped_at_ = event.at;
    return event;
  }

 private:
  static bool runs_later(const Event& a, const Event& b) { return b.precedes(a); }

  std::vector<Event> heap_;
  Instant last_popped_at_;
};

}  // namespace strobe
