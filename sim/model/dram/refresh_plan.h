#pragma once

// When a pseudo-channel owes a refresh and which banks should have it. A due refresh may be put off
// until `postpone_limit` are owed: until then it goes only to banks that nobody waits for, and then
// to those where it hurts least. Every bank has its turn once in a round.

#include <array>
#include <cstdint>

#include "sim/base/units.h"
#include "sim/kernel/clock.h"
#include "sim/model/dram/spec.h"

namespace strobe::dram {

using BankMask = std::uint64_t;

class RefreshPlan {
 public:
  // `phase`: the share phase/phases of an interval by which this pseudo-channel is late, so that
  // the pseudo-channels of a channel do not refresh at once.
  RefreshPlan(const PartSpec& part, std::uint32_t phase, std::uint32_t phases);

  Cycles next_due() const { return next_due_; }
  void become_due();
  bool owes() const { return owed_ > 0; }
  // The banks that are kept free for the next refresh; none while it is put off.
  BankMask target() const { return target_; }
  bool whole_pseudo_channel() const { return kind_ == RefreshKind::all_bank; }

  // Chooses the target when one is owed and there is none yet. `waited_for`: banks with requests;
  // `in_use`: those whose requests are of the bus's present direction; `open`: banks with a row.
  void choose(BankMask waited_for, BankMask in_use, BankMask open);
  // The target has been refreshed.
  void done();

  // None is owed, and those that are left of the round will come in the order of their numbers:
  // without requests or open rows every round from here on is like the next.
  bool rests() const {
    return owed_ == 0 && target_ == 0 && ((left_ | (left_ - 1)) & first_banks_) == first_banks_;
  }
  // As if so many rounds were over, each of as many commands; says how many those are in all.
  // REQUIRES: rests().
  std::int64_t skip_rounds(std::int64_t rounds);

 private:
  BankMask spread(BankMask first_banks) const;
  BankMask gathered(BankMask banks) const;
  Cycles due_at(std::int64_t n) const;

  RefreshKind kind_;
  std::uint32_t limit_;
  std::uint32_t stride_, banks_at_once_;  // one command takes banks b, b + stride, ...
  BankMask all_, first_banks_;            // all banks; the b of each possible command
  Clock clock_;
  Picoseconds interval_, phase_;

  std::int64_t due_count_ = 1;
  Cycles next_due_;
  std::uint32_t owed_ = 0;
  BankMask left_;  // of this round, as first_banks_
  BankMask target_ = 0;
};

}  // namespace strobe::dram
