#pragma once

// When a pseudo-channel owes a refresh and which banks should have it. A due refresh may be put off
// until `postpone_limit` are owed: until then it goes only to banks that nobody waits for, and then
// to those where it hurts least. While nobody waits for any bank, up to `pull_in_limit` are done
// before they are due, so that none is due while the next requests are served. Every bank has its
// turn once in a round.
//
// Inside, a refresh is open from when it may be pulled in: in the limit's number of intervals it
// becomes due. Before time 0 the memory has rested, so that none is open then.

#include <array>
#include <bit>
#include <cstdint>

#include "sim/base/units.h"
#include "sim/kernel/clock.h"
#include "sim/model/dram/spec.h"

namespace strobe::dram {

using BankMask = std::uint64_t;

// How many banks there are in it. (std::popcount is a call into a library on processors of unknown
// age.)
constexpr std::int64_t count_of(BankMask banks) {
#ifdef __POPCNT__
  return std::popcount(banks);
#endif
  banks -= banks >> 1 & 0x5555'5555'5555'5555;
  banks = (banks & 0x3333'3333'3333'3333) + (banks >> 2 & 0x3333'3333'3333'3333);
  banks = (banks + (banks >> 4)) & 0x0F0F'0F0F'0F0F'0F0F;
  return static_cast<std::int64_t>(banks * 0x0101'0101'0101'0101 >> 56);
}

// Calls `visit` with each bank of the mask.
template <class Visit>
void for_each_bank(BankMask banks, const Visit& visit) {
  for (; banks != 0; banks &= banks - 1) {
    visit(static_cast<std::uint32_t>(std::countr_zero(banks)));
  }
}

class RefreshPlan {
 public:
  // `phase`: the share phase/phases of an interval by which this pseudo-channel is late, so that
  // the pseudo-channels of a channel do not refresh at once.
  RefreshPlan(const PartSpec& part, std::uint32_t phase, std::uint32_t phases);

  // The next instant at which one more may be done, and at which one may become due.
  Cycles next_opening() const { return next_opening_; }
  void open_next();
  // One may be done, `idle`: now that nobody waits for a bank.
  bool may_refresh(bool idle) const { return open_ > (idle ? 0 : pull_in_limit_); }
  // The banks that are kept free for the next refresh; none while it is put off.
  BankMask target() const { return target_; }
  Command command() const { return command_; }

  // Chooses the target when one may be done and there is none yet; gives up one that is not due and
  // that somebody has come to wait for. Says whether there is none and there will be none before
  // other banks are waited for or another refresh opens.
  struct Use {
    BankMask waited_for;  // banks with requests
    BankMask in_use;      // those whose requests are of the bus's present direction
    BankMask open;        // banks with a row
  };
  // `refreshing()`: the banks still under refresh. They come last while requests wait: such a
  // target would keep others from being refreshed for most of tRFCpb, in which several may become
  // due.
  template <class Refreshing>
  bool choose(const Use& use, const Refreshing& refreshing) {
    if (is_early() && (use.waited_for & target_) != 0) target_ = 0;
    if (target_ != 0) return false;
    if (!may_refresh(use.waited_for == 0)) return true;
    // Mostly every bank is waited for and nothing is urgent yet.
    if (open_ < most_open_ && (left_ & ~use.waited_for) == 0) return true;
    choose_target(use, use.waited_for == 0 ? 0 : refreshing());
    return false;
  }
  // The target has been refreshed. Says whether that was before it was due.
  bool done();

  // While nobody waits for a bank, every refresh that opens before this finds its banks closed, and
  // none of them among the last `turns` that were refreshed; `stop` if that is earlier.
  // REQUIRES: 0 < turns <= kMostTurns.
  static constexpr std::int64_t kMostTurns = 16;
  Cycles can_skip_until(Cycles stop, BankMask open, std::int64_t turns) const;

  // As if those that open before `stop` had been done on the spot: calls visit(banks, times)
  // for what they refreshed and says how many there were, and how many of them before they were
  // due. REQUIRES: none is open, and stop <= can_skip_until(open, turns); at least `turns` more
  // follow one by one, by which it is known what was refreshed last.
  struct Skipped {
    std::int64_t commands = 0, early = 0;
  };
  template <class Visit>
  Skipped skip_until(Cycles stop, BankMask open, const Visit& visit) {
    if (command_ == Command::refresh_bank) {
      const BankMask in_round = left_ & ~gathered(open);
      if (next_opening_ + Cycles(interval_clocks_) * count_of(in_round) >= stop) {
        return skip_in_round(stop, in_round, visit);
      }
    }
    const std::int64_t commands = opened_before(stop);
    if (commands <= 0) return {};
    const Skipped skipped{commands, pull_in_limit_ > 0 ? commands : 0};
    openings_ += commands;
    next_opening_ = opening_at(openings_);
    slack_ = slack_of_next();
    if (command_ == Command::refresh_all) {
      visit(all_, commands);
      return skipped;
    }
    const BankMask end_of_round = lowest_of(left_ & ~gathered(open), commands);
    visit(take(end_of_round), 1);
    const std::int64_t others = commands - count_of(end_of_round);
    visit(all_, others / stride_);
    visit(take(lowest_of(first_banks_, others % stride_)), 1);
    in_turn_ = left_is_from(lowest(left_)) ? in_turn_ + commands : 0;
    return skipped;
  }

  // The next one issues when it opens; says which banks it refreshes. REQUIRES: as skip_until().
  struct Rested {
    BankMask banks = 0;
    bool early = false;  // it was not due yet
  };
  Rested rest_one(BankMask open) {
    advance();
    const bool early = pull_in_limit_ > 0;
    if (command_ == Command::refresh_all) return {all_, early};
    const BankMask first_bank = lowest(left_ & ~gathered(open));
    note_turn(first_bank);
    return {spread(first_bank), early};
  }

 private:
  // They do not come to the end of these, which are left of the round.
  template <class Visit>
  Skipped skip_in_round(Cycles stop, BankMask in_round, const Visit& visit) {
    std::int64_t commands = 0;
    BankMask others = in_round;
    for (; next_opening_ < stop; ++commands) {
      advance();
      others &= others - 1;
    }
    visit(take(in_round & ~others), 1);
    in_turn_ = left_is_from(lowest(left_)) ? in_turn_ + commands : 0;
    return {commands, pull_in_limit_ > 0 ? commands : 0};
  }
  // The next refresh is not due yet.
  bool is_early() const { return open_ <= pull_in_limit_; }
  void choose_target(const Use& use, BankMask refreshing);
  // The command that starts at this bank has issued.
  void note_turn(BankMask first_bank) {
    in_turn_ = left_is_from(first_bank) ? in_turn_ + 1 : 0;
    left_ &= ~first_bank;
    if (left_ == 0) left_ = first_banks_;
    last_[last_count_++ % kMostTurns] = static_cast<std::uint8_t>(std::countr_zero(first_bank));
  }
  BankMask last_turns(std::int64_t turns) const;
  // The banks of the commands that start at these.
  BankMask spread(BankMask first_banks) const {
    BankMask banks = first_banks;
    for (std::uint32_t i = 1; i < banks_at_once_; ++i) banks |= first_banks << (i * stride_);
    return banks;
  }
  // The commands that touch any of these banks.
  BankMask gathered(BankMask banks) const {
    BankMask first_banks = banks;
    for (std::uint32_t i = 1; i < banks_at_once_; ++i) first_banks |= banks >> (i * stride_);
    return first_banks & first_banks_;
  }
  static BankMask lowest_of(BankMask banks, std::int64_t count);
  // Notes that these commands of the round are done; says which banks they refreshed.
  BankMask take(BankMask first_banks) {
    left_ &= ~first_banks;
    if (left_ == 0) left_ = first_banks_;
    return spread(first_banks);
  }
  static BankMask lowest(BankMask banks) { return banks & (~banks + 1); }
  bool left_is_from(BankMask bank) const { return left_ == (first_banks_ & ~(bank - 1)); }
  std::int64_t opened_before(Cycles stop) const;
  Cycles opening_at(std::int64_t n) const;
  // What opening_at() says of the next one, without a division.
  void advance() {
    ++openings_;
    next_opening_ += Cycles(interval_clocks_);
    slack_ -= interval_parts_;
    if (slack_ < 0) {
      slack_ += kParts;
      next_opening_ += Cycles(1);
    }
    STROBE_ASSERT(next_opening_ == opening_at(openings_));
  }
  std::int64_t slack_of_next() const;

  std::uint32_t pull_in_limit_, most_open_;
  std::uint32_t stride_, banks_at_once_;  // one command takes banks b, b + stride, ...
  BankMask all_, first_banks_;            // all banks; the b of each possible command
  Clock clock_;
  Picoseconds interval_, phase_;
  Command command_;
  // The n-th opens at the first edge that is not before its time. In parts of a clock, of which
  // there are kParts: an interval is interval_clocks_ and interval_parts_, and the next one's edge
  // comes slack_ after its time.
  static constexpr std::int64_t kParts = 1'000'000'000;
  std::int64_t interval_clocks_, interval_parts_, slack_;

  std::int64_t openings_ = 1;
  Cycles next_opening_;
  std::uint32_t open_ = 0;  // beyond pull_in_limit_, they are due
  BankMask left_;           // of this round, as first_banks_
  BankMask target_ = 0;
  // So many refreshes were of one bank after the other, and those left of the round go on from
  // there: a bank then comes again after a whole round.
  std::int64_t in_turn_ = 0;
  std::array<std::uint8_t, kMostTurns> last_{};  // the first banks of the last refreshes, a ring
  std::uint32_t last_count_ = 0;
};

// Two refreshes of a pseudo-channel open at least so far apart.
Cycles shortest_refresh_interval(const PartSpec& part);

}  // namespace strobe::dram
