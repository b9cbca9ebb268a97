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
static_assert(sizeof(Event) == 24, "three words: queues move events by the million");

// In order, the next one first. What is sent later mostly comes later, so that an event finds its
// place near the end; and the few that a component has waiting lie side by side.
class EventQueue {
 public:
  bool empty() const { return head_ == end_; }
  Instant next_at() const { return empty() ? Instant::never() : front().at; }
  // REQUIRES: not empty().
  const Event& front() const { return places_[head_]; }

  void push(const Event& event) {
    STROBE_ASSERT(event.at >= last_popped_at_);  // the past is settled
    if (end_ == places_.size()) make_room();
    Event* const begin = places_.data() + head_;
    Event* const end = places_.data() + end_++;
    Event* place = end;
    while (place - begin >= kStride && event.at < place[-kStride].at) place -= kStride;
    while (place != begin && event.precedes(place[-1])) --place;
    std::copy_backward(place, end, end + 1);
    *place = event;
  }

  Event pop() {
    STROBE_ASSERT(!empty());
    const Event first = front();
    last_popped_at_ = first.at;
    if (++head_ == end_) head_ = end_ = 0;
    return first;
  }

 private:
  static constexpr std::ptrdiff_t kStride = 8;
  static constexpr std::size_t kFirstPlaces = 8;

  void make_room() {
    if (head_ <= places_.size() / 2) {
      return places_.resize(std::max(kFirstPlaces, places_.size() * 2));
    }
    std::copy(places_.begin() + head_, places_.begin() + end_, places_.begin());
    end_ -= head_;
    head_ = 0;
  }

  std::vector<Event> places_;  // with events in [head_, end_)
  std::uint32_t head_ = 0, end_ = 0;
  Instant last_popped_at_;
};

}  // namespace strobe
