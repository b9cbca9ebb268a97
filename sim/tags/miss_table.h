#pragma once

// Lines on their way from the next level, and who waits for which of their sectors: the miss-status
// holding registers (MSHRs) of a cache. Both the lines and the waiters are limited; a cache that
// finds the table full has to stand still.

#include <bit>
#include <cstdint>
#include <vector>

#include "sim/base/check.h"
#include "sim/base/random.h"
#include "sim/base/slots.h"

namespace strobe::tags {

template <class Waiter>
class MissTable {
 public:
  static constexpr std::uint32_t kNone = 0xFFFF'FFFF;

  MissTable(std::uint32_t lines, std::uint32_t waiters)
      : entries_(lines), nodes_(waiters), buckets_(std::bit_ceil(lines * 4), kNone) {}

  bool lines_full() const { return entries_.full(); }
  bool waiters_full() const { return nodes_.full(); }
  std::uint32_t lines_used() const { return entries_.used(); }

  // The entry of `line`, or kNone.
  std::uint32_t find(std::uint64_t line) const {
    for (std::size_t at = home(line); buckets_[at] != kNone; at = next(at)) {
      if (entries_[buckets_[at]].line == line) return buckets_[at];
    }
    return kNone;
  }

  // REQUIRES: not lines_full(), and `line` has no entry.
  std::uint32_t open(std::uint64_t line) {
    const std::uint32_t entry = entries_.take();
    entries_[entry] = Entry{line, 0, 0, kNone, kNone};
    std::size_t at = home(line);
    while (buckets_[at] != kNone) at = next(at);
    buckets_[at] = entry;
    return entry;
  }

  std::uint64_t line(std::uint32_t entry) const { return entries_[entry].line; }
  std::uint8_t asked(std::uint32_t entry) const { return entries_[entry].asked; }
  std::uint8_t arrived(std::uint32_t entry) const { return entries_[entry].arrived; }
  void ask(std::uint32_t entry, std::uint8_t sectors) { entries_[entry].asked |= sectors; }

  // REQUIRES: not waiters_full(), and every sector needed is asked for.
  void wait(std::uint32_t entry, std::uint8_t sectors, const Waiter& waiter) {
    STROBE_ASSERT((sectors & ~entries_[entry].asked) == 0);
    const std::uint32_t node = nodes_.take();
    nodes_[node] = Node{waiter, sectors, kNone};
    Entry& into = entries_[entry];
    if (into.last == kNone) {
      into.first = node;
    } else {
      nodes_[into.last].next = node;
    }
    into.last = node;
  }

  // `sectors` have come: calls `served(waiter)` for those that now have all they wait for, oldest
  // first, and closes the entry when nothing more is to come; returns whether it did.
  template <class Served>
  bool arrive(std::uint32_t entry, std::uint8_t sectors, const Served& served) {
    Entry& into = entries_[entry];
    into.arrived |= sectors;
    std::uint32_t before = kNone;
    for (std::uint32_t node = into.first; node != kNone;) {
      const std::uint32_t after = nodes_[node].next;
      if ((nodes_[node].sectors & ~into.arrived) != 0) {
        before = node;
      } else {
        (before == kNone ? into.first : nodes_[before].next) = after;
        if (into.last == node) into.last = before;
        served(nodes_[node].waiter);
        nodes_.give_back(node);
      }
      node = after;
    }
    const bool complete = into.arrived == into.asked;
    if (complete) close(entry);
    return complete;
  }

 private:
  struct Entry {
    std::uint64_t line = 0;
    std::uint8_t asked = 0, arrived = 0;
    std::uint32_t first = kNone, last = kNone;
  };
  struct Node {
    Waiter waiter;
    std::uint8_t sectors;
    std::uint32_t next;
  };

  std::size_t home(std::uint64_t line) const { return mix64(line) & (buckets_.size() - 1); }
  std::size_t next(std::size_t at) const { return (at + 1) & (buckets_.size() - 1); }

  // Linear probing without tombstones: what follows the hole moves up if it may.
  void close(std::uint32_t entry) {
    STROBE_ASSERT(entries_[entry].first == kNone);
    std::size_t hole = home(entries_[entry].line);
    while (buckets_[hole] != entry) hole = next(hole);
    for (std::size_t at = next(hole); buckets_[at] != kNone; at = next(at)) {
      const std::size_t wants = home(entries_[buckets_[at]].line);
      const std::size_t mask = buckets_.size() - 1;
      if (((at - wants) & mask) >= ((at - hole) & mask)) {
        buckets_[hole] = buckets_[at];
        hole = at;
      }
    }
    buckets_[hole] = kNone;
    entries_.give_back(entry);
  }

  Slots<Entry> entries_;
  Slots<Node> nodes_;
  std::vector<std::uint32_t> buckets_;  // entry of a line near its home, or kNone
};

}  // namespace strobe::tags
