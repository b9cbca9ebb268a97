#pragma once

// What a pseudo-channel would issue next, of each kind of command the best.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "sim/base/lanes.h"
#include "sim/model/dram/priority.h"
#include "sim/model/dram/request_queue.h"

namespace strobe::dram {

// A command that could issue, the command bus permitting, from `at` on.
struct Choice {
  Urgency urgency{0, Rank(), 0};  // without a clock
  Near at = kNeverNear;
  EntryId entry = kNoEntry;  // none when it is for no request
  Command command{};
  std::uint8_t bank = 0;
  Urgency with_clock() const { return urgency.at(at); }
};

inline void take_if_first(Choice& best, const Choice& other) {
  if (other.with_clock() < best.with_clock()) best = other;
}

// The kinds of choices, in the order in which they win ties: a refresh that is owed goes first,
// a column command before a row command (data now rather than later).
enum Kind : std::uint8_t { kRefresh, kColumn, kRow, kKindCount };

using Choices = std::array<Choice, kWideLaneCount>;  // by kind; the last is none

// The words of their urgencies with the clocks at which they issue, none of them before the floor
// of its command, which is in the lane of the command's number. The refresh is the first, the row
// and the column command come next: this order takes one instruction for each half of a choice.
inline WideLanes urgencies_of(const Choices& choices, Lanes floors) {
  static_assert(sizeof(Choice) == 16 && offsetof(Choice, at) == 8);
  static_assert(offsetof(Choice, command) == 14);
  constexpr int kToCommand = 48;
  WideLanes front, back;
  std::memcpy(&front, &choices[0], sizeof front);
  std::memcpy(&back, &choices[2], sizeof back);
  const WideLanes urgencies = __builtin_shufflevector(front, back, 0, 4, 2, 6);
  const WideLanes others = __builtin_shufflevector(front, back, 1, 5, 3, 7);
  const Lanes floor = looked_up(floors, reinterpret_cast<Lanes>(others >> kToCommand));
  const Lanes at = largest_of(reinterpret_cast<Lanes>(others), floor);  // in every other lane
  return urgencies + (reinterpret_cast<WideLanes>(at) << Urgency::kClockShift);
}

}  // namespace strobe::dram
