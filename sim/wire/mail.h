#pragma once

// How the components of one partition hear from each other and from the rest of the machine: the
// event queue, the messages under way in the partition, and those that leave it.

#include <cstdint>
#include <vector>

#include "sim/base/check.h"
#include "sim/kernel/event_queue.h"
#include "sim/wire/directory.h"
#include "sim/wire/message.h"

namespace strobe::wire {

// A message for a component of another partition.
struct Outgoing {
  Event event;  // `message` is not yet given: the receiver's partition has its own slots
  Message message;
};

class Mail {
 public:
  // For the components that live in `partition`. REQUIRES: `directory` is complete and outlives
  // this.
  Mail(const Directory& directory, std::uint32_t partition)
      : directory_(&directory),
        partition_(partition),
        sent_(directory.size(), 0),
        queue_(kFirstEvents) {}

  // Delivers `message` to `target` at `at`. REQUIRES: `sender` lives here; a target elsewhere is at
  // least the machine's lookahead away.
  void send(ComponentId sender, ComponentId target, Instant at, const Message& message) {
    const Event event{at, tie(sender), target, 0};
    if (lives_here(target)) {
      accept(event, message);
    } else {
      outgoing_.push_back({event, message});
    }
  }

  // Wakes `self` at `at`.
  void wake(ComponentId self, Instant at) { queue_.push({at, tie(self), self, Event::kWake}); }

  void accept(Event event, const Message& message) {
    if (free_.empty()) {
      event.message = static_cast<std::uint32_t>(messages_.size());
      messages_.push_back(message);
    } else {
      event.message = free_.back();
      free_.pop_back();
      messages_[event.message] = message;
    }
    queue_.push(event);
  }

  // The message of an event just popped; its slot is free again.
  Message open(const Event& event) {
    free_.push_back(event.message);
    return messages_[event.message];
  }

  bool lives_here(ComponentId id) const { return directory_->of(id).partition == partition_; }
  EventQueue& queue() { return queue_; }
  const EventQueue& queue() const { return queue_; }
  std::vector<Outgoing>& outgoing() { return outgoing_; }

 private:
  static constexpr std::size_t kFirstEvents = 256;

  TieBreak tie(ComponentId sender) {
    std::uint32_t& count = sent_[sender.value];
    STROBE_CHECK(count != 0xFFFF'FFFF);
    return {sender, count++};
  }

  const Directory* directory_;
  std::uint32_t partition_;
  std::vector<std::uint32_t> sent_;  // events made so far, by component
  EventQueue queue_;
  std::vector<Message> messages_;
  std::vector<std::uint32_t> free_;
  std::vector<Outgoing> outgoing_;
};

}  // namespace strobe::wire
