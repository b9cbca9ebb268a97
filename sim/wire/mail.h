#pragma once

// How the components of one partition hear from each other and from the rest of the machine: what
// is to come for each of them, the messages under way in the partition, and those that leave it.

#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "sim/base/check.h"
#include "sim/kernel/event_queue.h"
#include "sim/wire/directory.h"
#include "sim/wire/message.h"

namespace strobe::wire {

// For a component of another partition.
template <class Letter>
struct Outgoing {
  Event event;  // `message` is not yet given: the receiver's partition has its own slots
  Letter letter;
};

// Messages or replies under way: to components of this partition, by slot, and those that leave it.
template <class Letter>
class Letters {
 public:
  std::uint32_t keep(const Letter& letter) {
    if (free_.empty()) {
      kept_.push_back(letter);
      return static_cast<std::uint32_t>(kept_.size()) - 1;
    }
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    kept_[slot] = letter;
    return slot;
  }
  // The slot is free again.
  Letter open(std::uint32_t slot) {
    free_.push_back(slot);
    return kept_[slot];
  }
  std::vector<Outgoing<Letter>>& outgoing() { return outgoing_; }

 private:
  std::vector<Letter> kept_;
  std::vector<std::uint32_t> free_;
  std::vector<Outgoing<Letter>> outgoing_;
};

class Mail {
 public:
  // For the components that live in `partition`. REQUIRES: `directory` is complete and outlives
  // this.
  Mail(const Directory& directory, std::uint32_t partition)
      : directory_(&directory),
        partition_(partition),
        residents_(directory.residents_of(partition)) {}

  // Delivers a message or a reply to `target` at `at`. REQUIRES: `sender` lives here; a target
  // elsewhere is at least as far away as the engine was told (kernel/engine.h).
  template <class Letter>
  void send(ComponentId sender, ComponentId target, Instant at, const Letter& letter) {
    const Event event{at, tie(sender), target, 0};
    if (lives_here(target)) {
      accept(event, letter);
    } else {
      letters<Letter>().outgoing().push_back({event, letter});
    }
  }

  // Wakes `self` at `at`, and not when it last asked for if that is still to come. A wake goes
  // before what `self` sends itself for the same instant, however often it was asked for.
  void wake(ComponentId self, Instant at) {
    resident(self).wake = {at, {self, 0}, self, Event::kWake};
  }

  template <class Letter>
  void accept(Event event, const Letter& letter) {
    constexpr std::uint32_t kMark = std::is_same_v<Letter, Reply> ? kReply : 0;
    event.message = letters<Letter>().keep(letter) | kMark;
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
    Resident* first = &residents_.front();
    const Event* earliest = &first->next();
    for (std::size_t i = 1; i < residents_.size(); ++i) {
      const Event& next = residents_[i].next();
      if (!next.precedes(*earliest)) continue;
      earliest = &next;
      first = &residents_[i];
    }
    if (earliest->at >= end) return false;
    event = *earliest;
    if (event.message == Event::kWake) {
      first->wake = kNoWake;
    } else {
      first->inbox.pop();
    }
    return true;
  }

  // What an event just taken out brought; its slot is free again. REQUIRES: it is no wake.
  static bool is_reply(const Event& event) { return (event.message & kReply) != 0; }
  Message open_message(const Event& event) { return messages_.open(event.message); }
  Reply open_reply(const Event& event) { return replies_.open(event.message & ~kReply); }

  // Calls `visit` with everything that leaves the partition, and forgets it.
  template <class Visit>
  void take_outgoing(const Visit& visit) {
    for (const Outgoing<Message>& each : messages_.outgoing()) visit(each);
    for (const Outgoing<Reply>& each : replies_.outgoing()) visit(each);
    messages_.outgoing().clear();
    replies_.outgoing().clear();
  }

 private:
  static constexpr std::uint32_t kReply = 0x8000'0000;  // in Event::message
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

  template <class Letter>
  Letters<Letter>& letters() {
    if constexpr (std::is_same_v<Letter, Reply>) {
      return replies_;
    } else {
      return messages_;
    }
  }
  bool lives_here(ComponentId id) const { return directory_->of(id).partition == partition_; }
  Resident& resident(ComponentId id) { return residents_[directory_->of(id).place]; }

  TieBreak tie(ComponentId sender) {
    std::uint32_t& count = resident(sender).sent;
    STROBE_CHECK(count != 0xFFFF'FFFF);
    return {sender, ++count};
  }

  const Directory* directory_;
  std::uint32_t partition_;
  std::vector<Resident> residents_;  // by place
  Letters<Message> messages_;
  Letters<Reply> replies_;
};

}  // namespace strobe::wire
