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

// Of a letter that has been given to another partition.
struct Arrival {
  std::uint32_t partition;
  Instant at;
};

struct Bag {
  std::vector<Outgoing<Message>> messages;
  std::vector<Outgoing<Reply>> replies;

  template <class Letter>
  void add(const Event& event, const Letter& letter) {
    if constexpr (std::is_same_v<Letter, Reply>) {
      replies.push_back({event, letter});
    } else {
      messages.push_back({event, letter});
    }
  }
  template <class Visit>
  void for_each(const Visit& visit) const {
    for (const Outgoing<Message>& each : messages) visit(each);
    for (const Outgoing<Reply>& each : replies) visit(each);
  }
  void clear() {
    messages.clear();
    replies.clear();
  }
};

class Mail;

// All partitions of a machine that one thread runs: what leaves one is then given to the receiver's
// mail at once.
struct Neighbours {
  std::vector<Mail*> mail;        // by partition
  std::vector<Arrival> arrivals;  // until the engine has been told
};

// Of an event that brings a letter.
inline constexpr std::uint32_t kReplyMark = 0x8000'0000;  // in Event::message
constexpr bool is_reply(const Event& event) {
  return (event.message & kReplyMark) != 0;
}

// Messages or replies under way to components of this partition, by slot.
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

 private:
  std::vector<Letter> kept_;
  std::vector<std::uint32_t> free_;
};

class Mail {
 public:
  // For the components that live in `partition`. `neighbours`: null where several threads run the
  // partitions. REQUIRES: `directory` is complete, and both outlive this.
  Mail(const Directory& directory, std::uint32_t partition, Neighbours* neighbours = nullptr)
      : directory_(&directory),
        neighbours_(neighbours),
        partition_(partition),
        residents_(directory.residents_of(partition)) {}

  // Delivers a message or a reply to `target` at `at`. REQUIRES: `sender` lives here; a target
  // elsewhere is at least as far away as the engine was told (kernel/engine.h).
  template <class Letter>
  void send(ComponentId sender, ComponentId target, Instant at, const Letter& letter) {
    const Event event{at, tie(sender), target, 0};
    const Residence& to = directory_->of(target);
    if (to.partition == partition_) {
      put(to.place, event, letter);
    } else if (neighbours_ != nullptr) {
      neighbours_->mail[to.partition]->accept(event, letter);
      neighbours_->arrivals.push_back({to.partition, at});
    } else {
      outgoing_.add(event, letter);
    }
  }

  // Wakes `self` at `at`, and not when it last asked for if that is still to come. A wake goes
  // before what `self` sends itself for the same instant, however often it was asked for.
  void wake(ComponentId self, Instant at) {
    Resident& resident = residents_[directory_->of(self).place];
    resident.wake = {at, {self, 0}, self, Event::kWake};
    resident.find_next();
  }

  // What has left another partition. It is looked at when this one runs next: where it has to wait
  // for its turn is in the host's cache then, and here it would be for nothing else.
  template <class Letter>
  void accept(const Event& event, const Letter& letter) {
    incoming_.add(event, letter);
    next_incoming_at_ = std::min(next_incoming_at_, event.at);
  }

  // When the next event is, or never.
  Instant next_at() const {
    Instant next = next_incoming_at_;
    for (const Resident& each : residents_) next = std::min(next, each.next.at);
    return next;
  }
  // When the next of the messages under way reaches `id`, or never.
  Instant next_message_at(ComponentId id) const {
    return residents_[directory_->of(id).place].inbox.next_at();
  }

  // Until when nothing reaches `id` but what is sent within the partition from now on. It may do
  // what it has to do until then at once, in place of asking for wakes.
  Instant quiet_until(ComponentId id) const { return std::min(end_, next_message_at(id)); }

  // What has come from other partitions and has not been looked at.
  const Bag& incoming() const { return incoming_; }

  // Takes the next event out if it is before `end`. Until then nothing more comes from elsewhere.
  bool pop_before(Instant end, Event& event) {
    end_ = end;
    if (next_incoming_at_ != Instant::never()) take_in();
    auto first = residents_.begin();
    for (auto each = first + 1; each != residents_.end(); ++each) {
      first = each->next.precedes(first->next) ? each : first;
    }
    if (first->next.at >= end_) return false;
    event = first->next;
    if (event.message == Event::kWake) {
      first->wake = kNoWake;
    } else {
      first->inbox.pop();
    }
    first->find_next();
    return true;
  }

  // What an event just taken out brought, a message or a reply; its slot is free again.
  template <class Letter>
  Letter open(const Event& event) {
    return letters<Letter>().open(event.message & ~kReplyMark);
  }

  // Calls `visit` with everything that leaves the partition and has no neighbours to go to at once,
  // and forgets it.
  template <class Visit>
  void take_outgoing(const Visit& visit) {
    outgoing_.for_each(visit);
    outgoing_.clear();
  }

 private:
  static constexpr Event kNoWake{
      Instant::never(), {ComponentId{0}, 0}, ComponentId{0}, Event::kWake};

  // What is to come for one component. Apart for each, because the queues stay short and a
  // component may be told when its next message comes.
  struct Resident {
    Event next = kNoWake;  // of the two
    Event wake = kNoWake;
    EventQueue inbox;
    std::uint32_t sent = 0;  // messages so far

    void find_next() {
      next = !inbox.empty() && inbox.front().precedes(wake) ? inbox.front() : wake;
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

  void take_in() {
    incoming_.for_each([&](const auto& each) {
      put(directory_->of(each.event.target).place, each.event, each.letter);
    });
    incoming_.clear();
    next_incoming_at_ = Instant::never();
  }
  template <class Letter>
  void put(std::uint32_t place, Event event, const Letter& letter) {
    constexpr std::uint32_t kMark = std::is_same_v<Letter, Reply> ? kReplyMark : 0;
    event.message = letters<Letter>().keep(letter) | kMark;
    Resident& resident = residents_[place];
    resident.inbox.push(event);
    if (event.precedes(resident.next)) resident.next = event;
  }

  TieBreak tie(ComponentId sender) {
    std::uint32_t& count = residents_[directory_->of(sender).place].sent;
    STROBE_CHECK(count != 0xFFFF'FFFF);
    return {sender, ++count};
  }

  const Directory* directory_;
  Neighbours* neighbours_;
  std::uint32_t partition_;
  std::vector<Resident> residents_;  // by place
  Instant end_;                      // of the window
  Bag outgoing_, incoming_;
  Instant next_incoming_at_ = Instant::never();
  Letters<Message> messages_;
  Letters<Reply> replies_;
};

}  // namespace strobe::wire
