#pragma once

// The requests that wait in one channel: a slab of entries, strung into a list for each bank and
// direction in the order of arrival, so that a bank's oldest request and its next row hit are found
// without looking at any other bank's.

#include <array>
#include <cstdint>
#include <vector>

#include "sim/base/slots.h"
#include "sim/base/units.h"
#include "sim/model/dram/priority.h"
#include "sim/model/dram/spec.h"

namespace strobe::dram {

enum class Direction : std::uint8_t { read, write };
inline constexpr std::size_t kDirectionCount = 2;

constexpr std::size_t index(Direction direction) {
  return static_cast<std::size_t>(direction);
}

constexpr Direction opposite(Direction direction) {
  return direction == Direction::read ? Direction::write : Direction::read;
}

constexpr Command column_command(Direction direction) {
  return direction == Direction::read ? Command::read : Command::write;
}

using EntryId = std::uint16_t;
inline constexpr EntryId kNoEntry = 0xFFFF;

// Up to four bursts of one row.
struct Entry {
  Instant arrived;
  Cycles arrived_at;        // the first clock at which it could be served
  Cycles first_column;      // the clock of its first column command, once that has issued
  Cycles other_direction;   // on arrival: clocks for which the bus had been the other way
  Cycles under_refresh;     // on arrival: clocks for which its bank had been refreshed
  Cycles bank_group_wait;   // clocks by which tCCD_L and the like alone held it up
  std::uint64_t order = 0;  // counts arrivals
  std::uint32_t tag = 0;
  std::uint32_t row = 0;
  std::uint16_t column = 0;  // of the burst that bit 0 of `bursts` stands for
  EntryId next = kNoEntry, previous = kNoEntry;
  std::uint8_t bursts = 0;  // those that have not issued yet
  std::uint16_t bank_in_channel = 0;
  std::uint8_t bank = 0;  // of its pseudo-channel
  Direction direction{};
  bool issued = false;      // its first column command has
  bool activated = false;   // a row was opened for it
  bool precharged = false;  // a row was closed for it
};

class RequestQueue {
 public:
  // `banks`: of the channel, which are counted one pseudo-channel's after the other's.
  RequestQueue(std::uint32_t banks, std::uint32_t entries)
      : entries_(entries), lists_(std::size_t{banks} * kDirectionCount) {}

  Entry& operator[](EntryId id) { return entries_[id]; }
  const Entry& operator[](EntryId id) const { return entries_[id]; }

  // A place for an entry, which holds what its last user left. It is to be filled in and added.
  // REQUIRES: fewer are waiting than there are entries.
  EntryId take() { return static_cast<EntryId>(entries_.take()); }

  // Strings it into the list of its bank and direction, at the end.
  void add(EntryId id) {
    Entry& entry = entries_[id];
    List& list = list_of(entry);
    entry.previous = list.newest;
    entry.next = kNoEntry;
    (list.newest == kNoEntry ? list.oldest : entries_[list.newest].next) = id;
    list.newest = id;
    ++list.with_row[entry.row % kRowClasses];
  }

  void remove(EntryId id) {
    const Entry& entry = entries_[id];
    List& list = list_of(entry);
    (entry.previous == kNoEntry ? list.oldest : entries_[entry.previous].next) = entry.next;
    (entry.next == kNoEntry ? list.newest : entries_[entry.next].previous) = entry.previous;
    --list.with_row[entry.row % kRowClasses];
    entries_.give_back(id);
  }

  EntryId oldest(std::size_t bank, Direction direction) const {
    return lists_[list_index(bank, direction)].oldest;
  }

  // The first in the list of this bank and direction from `from` on that wants this row. Mostly
  // there is none, and nobody wants a row like it either.
  EntryId find_row(std::size_t bank, Direction direction, EntryId from, std::uint32_t row) const {
    if (lists_[list_index(bank, direction)].with_row[row % kRowClasses] == 0) return kNoEntry;
    while (from != kNoEntry && entries_[from].row != row) from = entries_[from].next;
    return from;
  }

 private:
  static constexpr std::uint32_t kRowClasses = 16;
  struct List {
    EntryId oldest = kNoEntry, newest = kNoEntry;
    std::array<std::uint16_t, kRowClasses> with_row{};  // entries, by the row's lowest bits
  };
  static std::size_t list_index(std::size_t bank, Direction direction) {
    return bank * kDirectionCount + static_cast<std::size_t>(direction);
  }
  List& list_of(const Entry& entry) {
    return lists_[list_index(entry.bank_in_channel, entry.direction)];
  }

  Slots<Entry> entries_;
  std::vector<List> lists_;
};

}  // namespace strobe::dram
