#pragma once

// Lines on their way from the next level, and who waits for which of their sectors: the miss-status
// holding registers (MSHRs) of a cache. Both the lines and the waiters are limited; a cache that
// finds the table full has to stand still.

#include <bit>
#include <cstdint>
#include <vector>

#include "sim/base/check.h"
#include "sim/base/prefetch.h"
#include "sim/base/random.h"
#include "sim/base/slots.h"

namespace strobe::tags {

template <class Waiter>
class MissTable {
 public:
  static constexpr std::uint32_t kNone = 0xFFFF'FFFF;

  MissTable(std::uint32_t lines, std::uint32_t waiters)
      : entries_(lines),
        nodes_(waiters),
        most_waiters_(waiters),
        buckets_(std::bit_ceil(lines * 2)) {}

  bool lines_full() const { return entries_.full(); }
  bool waiters_full() const { return waiters_ == most_waiters_; }
  std::uint32_t lines_used() const { return entries_.used(); }

  // The entry of `line`, or kNone.
  std::uint32_t find(std::uint64_t line) const {
    const std::uint32_t hash = hash_of(line);
    for (std::size_t at = home(hash); !buckets_[at].empty(); at = next(at)) {
      const Bucket& bucket = buckets_[at];
      if (bucket.hash == hash && entries_[bucket.entry].line == line) return bucket.entry;
    }
    return kNone;
  }

  // REQUIRES: not lines_full(), and `line` has no entry. `place` is kept with the line.
  std::uint32_t open(std::uint64_t line, std::uint32_t place = kNone) {
    const std::uint32_t entry = entries_.take();
    Entry& opened = entries_[entry];
    opened.line = line;
    opened.first = opened.last = kNone;
    opened.place = place;
    opened.asked = opened.arrived = opened.wanted = 0;
    const std::uint32_t hash = hash_of(line);
    std::size_t at = home(hash);
    while (!buckets_[at].empty()) at = next(at);
    buckets_[at] = {hash, entry};
    return entry;
  }

  std::uint64_t line(std::uint32_t entry) const { return entries_[entry].line; }
  std::uint32_t place(std::uint32_t entry) const { return entries_[entry].place; }
  std::uint8_t asked(std::uint32_t entry) const { return entries_[entry].asked; }
  void ask(std::uint32_t entry, std::uint8_t sectors) { entries_[entry].asked |= sectors; }

  // REQUIRES: not waiters_full(), and every sector needed is asked for.
  void wait(std::uint32_t entry, std::uint8_t sectors, const Waiter& waiter) {
    Entry& into = entries_[entry];
    STROBE_ASSERT(sectors != 0 && (sectors & ~into.asked) == 0);
    ++waiters_;
    if (into.wanted == 0 && into.first == kNone) {
      into.oldest = waiter;
      into.wanted = sectors;
      return;
    }
    const std::uint32_t node = nodes_.take();
    nodes_[node] = Node{waiter, sectors, kNone};
    (into.first == kNone ? into.first : nodes_[into.last].next) = node;
    into.last = node;
  }

  // `sectors` have come: calls `served(waiter)` for those that now have all they wait for, oldest
  // first, and closes the entry when nothing more is to come; returns whether it did.
  template <class Served>
  bool arrive(std::uint32_t entry, std::uint8_t sectors, const Served& served) {
    Entry& into = entries_[entry];
    into.arrived |= sectors;
    if (into.wanted != 0 && (into.wanted & ~into.arrived) == 0) {
      into.wanted = 0;
      --waiters_;
      served(into.oldest);
    }
    std::uint32_t before = kNone;
    for (std::uint32_t node = into.first; node != kNone;) {
      const std::uint32_t after = nodes_[node].next;
      if ((nodes_[node].sectors & ~into.arrived) != 0) {
        before = node;
      } else {
        (before == kNone ? into.first : nodes_[before].next) = after;
        if (into.last == node) into.last = before;
        --waiters_;
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
  // Ask the host for an entry, and for what is touched when a line's entry is looked for.
  friend void prefetch_entry(const MissTable& table, std::uint32_t entry) {
    strobe::prefetch(&table.entries_[entry]);
  }
  friend void prefetch_home(const MissTable& table, std::uint64_t line) {
    strobe::prefetch(&table.buckets_[table.home(hash_of(line))]);
  }

  // Mostly one waits for a line and is the only one: it is kept with the line, in one line of the
  // host's cache. Those that join it, or come while only some of the sectors have, form a list.
  struct alignas(64) Entry {
    std::uint64_t line;
    Waiter oldest;
    std::uint32_t first, last;  // of the list, or kNone
    std::uint32_t place;
    std::uint8_t asked, arrived;
    std::uint8_t wanted;  // by the oldest; 0 when it is in the list or there is none
  };
  struct Node {
    Waiter waiter;
    std::uint8_t sectors;
    std::uint32_t next;
  };

  // With its hash beside it neither a line that has no entry nor an entry that moves up needs to be
  // looked for among the entries, which lie all over the host's memory.
  struct Bucket {
    std::uint32_t hash = 0;
    std::uint32_t entry = kNone;

    bool empty() const { return entry == kNone; }
  };

  static std::uint32_t hash_of(std::uint64_t line) {
    return static_cast<std::uint32_t>(mix64(line));
  }
  std::size_t home(std::uint32_t hash) const { return hash & (buckets_.size() - 1); }
  std::size_t next(std::size_t at) const { return (at + 1) & (buckets_.size() - 1); }

  // Linear probing without tombstones: what follows the hole moves up if it may.
  void close(std::uint32_t entry) {
    STROBE_ASSERT(entries_[entry].first == kNone && entries_[entry].wanted == 0);
    std::size_t hole = home(hash_of(entries_[entry].line));
    while (buckets_[hole].entry != entry) hole = next(hole);
    for (std::size_t at = next(hole); !buckets_[at].empty(); at = next(at)) {
      const std::size_t wants = home(buckets_[at].hash);
      const std::size_t mask = buckets_.size() - 1;
      if (((at - wants) & mask) >= ((at - hole) & mask)) {
        buckets_[hole] = buckets_[at];
        hole = at;
      }
    }
    buckets_[hole] = {};
    entries_.give_back(entry);
  }

  Slots<Entry> entries_;
  Slots<Node> nodes_;
  std::uint32_t waiters_ = 0, most_waiters_;
  std::vector<Bucket> buckets_;  // of lines, near their homes
};

}  // namespace strobe::tags
