#pragma once

// How the components of one partition hear from each other and from the rest of the machine: what
// is to come for each of them, the messages under way in the partition, and those that leave it.

#include <algorithm>
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
        residents_(directory.residents_of(partition)) {}

  // Delivers `message` to `target` at `at`. REQUIRES: `sender` lives here; a target elsewhere is at
  // least as far away as the engine was told (kernel/engine.h).
  void send(ComponentId sender, ComponentId target, Instant at, const Message& message) {
    const Event event{at, tie(sender), target, 0};
    if (lives_here(target)) {
      accept(event, message);
    } else {
      outgoing_.push_back({event, message});
    }
  }

  // Wakes `self` at `at`, and not when it last asked for if that is still to come. A wake goes
  // before what `self` sends itself for the same instant, however often it was asked for.
  void wake(ComponentId self, Instant at) {
    resident(self).wake = {at, {self, 0}, self, Event::kWake};
  }

  void accept(Event event, const Message& message) {
    if (free_.empty()) {
      event.message = static_cast<std::uint32_t>(messages_.size());
      messages_.push_back(message);
    } else {
      event.message = free_.back();
      free_.pop_back();
      messages_[event.message] = message;
    }
    resident(event.target).inbox.push(event);
  }

  // When the next event is, or never.
  Instant next_at() const {
    Instant next = Instant::never();
    for (const Resident& each : residents_) {
      next = std::min({next, each.wake.at, each.inbox.next_at()});
    }
    return next;
  }
  // When the next of the messages under way reaches `id`, or never.
  Instant next_message_at(ComponentId id) const {
    return residents_[directory_->of(id).place].inbox.next_at();
  }

  // Takes the next event out if it is before `end`.
  bool pop_before(Instant end, Event& event) {
    Resident* first = nullptr;
    event.at = end;
    event.tie = {};  // what is at `end` does not precede it
    for (Resident& each : residents_) {
      const Event& next = each.next();
      if (!next.precedes(event)) continue;
      event = next;
      first = &each;
    }
    if (first == nullptr) return false;
    if (event.message == Event::kWake) {
      first->wake = kNoWake;
    } else {
      first->inbox.pop();
    }
    return true;
  }

  // The message of an event just taken out; its slot is free again.
  Message open(const Event& event) {
    free_.push_back(event.message);
    return messages_[event.message];
  }

  bool lives_here(ComponentId id) const { return directory_->of(id).partition == partition_; }
  std::vector<Outgoing>& outgoing() { return outgoing_; }

 private:
  static constexpr Event kNoWake{
      Instant::never(), {ComponentId{0}, 0}, ComponentId{0}, Event::kWake};

  // What is to come for one component. Apart for each, because the queues stay short and a
  // component may be told when its next message comes.
  struct Resident {
    Event wake = kNoWake;
    EventQueue inbox;
    std::uint32_t sent = 0;  // messages so far

    const Event& next() const {
      return !inbox.empty() && inbox.front().precedes(wake) ? inbox.front() : wake;
    }
  };

  Resident& resident(ComponentId id) { return residents_[directory_->of(id).place]; }

  TieBreak tie(ComponentId sender) {
    std::uint32_t& count = resident(sender).sent;
    STROBE_CHECK(count != 0xFFFF'FFFF);
    return {sender, ++count};
  }

  const Directory* directory_;
  std::uint32_t partition_;
  std::vector<Resident> residents_;  // by place
  std::vector<Message> messages_;
  std::vector<std::uint32_t> free_;
  std::vector<Outgoing> outgoing_;
};

}  // namespace strobe::wire
