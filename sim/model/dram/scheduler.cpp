// Which command comes next: first ready, first come first served. Of each pseudo-channel three
// choices are kept, the best refresh, column and row command with the clock from which its own
// rules allow it; the command bus, which the pseudo-channels share, is asked when one is picked.
// Which of many is first hangs on the addresses and no processor predicts it: so it is found
// without branches, as the least of words (priority.h) that are looked at eight at a time.

#include <algorithm>
#include <bit>
#include <cstring>

#include "sim/base/lanes.h"
#include "sim/model/dram/channel.h"

namespace strobe::dram {

namespace {

constexpr std::size_t index(Direction direction) {
  return static_cast<std::size_t>(direction);
}

// Calls `visit` with each bank of the mask.
template <class Visit>
void for_each_bank(BankMask banks, const Visit& visit) {
  for (; banks != 0; banks &= banks - 1) {
    visit(static_cast<std::uint32_t>(std::countr_zero(banks)));
  }
}

}  // namespace

// Does what comes next before `stop`; says whether there was anything.
bool Channel::take_step(Cycles stop) {
  if (!forwarded_.empty() && forwarded_.back().arrived_at < stop) {
    finish_forwarded();
    return true;
  }
  for (;;) {
    if (!best_known_) find_best();
    if (next_opening_ > best_.at || next_opening_ >= stop) break;
    refresh_opens();
  }
  if (best_.at >= stop) return false;
  now_ = best_.at;
  follow(now_);
  issue(best_);
  return true;
}

Instant Channel::next_at() {
  if (waiting_ == 0) return Instant::never();
  if (!forwarded_.empty()) return clock_.edge(forwarded_.back().arrived_at);
  if (!best_known_) find_best();
  return clock_.edge(best_.at);
}

// The earliest; among equals the kinds in their order, then the older request.
[[gnu::always_inline]] inline void Channel::find_best() {
  for (PseudoChannel& pc : pseudo_channels_) {
    if (pc.stale) renew_choices(pc);
  }
  // The clocks at which the command bus lets each command issue.
  const Lanes floors =
      largest_of(all_lanes(ready_.epoch().near(now_)), ready_.clocks(Scope::channel, 0));
  WideLanes words = all_wide_lanes(Urgency().word());
  for (const PseudoChannel& pc : pseudo_channels_) {
    WideLanes of_kinds = urgencies_of(pc.choices, floors);
    if (data_clock_.awaits_column()) of_kinds[kRefresh] = Urgency().word();
    words = least_of(words, of_kinds);
  }
  const Urgency least = Urgency::of_word(least_lane(words));
  best_.at = least.clock() == kNeverNear ? kNever : ready_.epoch().far(least.clock());
  best_.kind = least.kind();
  best_.pseudo_channel = least.pseudo_channel();
  best_known_ = true;
}

// Makes those choices anew that what has happened may have changed.
[[gnu::always_inline]] inline void Channel::renew_choices(PseudoChannel& pc) {
  if (pc.frame_stale && !renew_frame(pc)) return;
  const bool turning = pc.bus_direction != pc.direction && pc.served == 0;
  pc.column_stale |= pc.column_may_be_stale && has_aged(pc, pc.choices[kColumn]);
  // What the data clock was started for comes next, whatever has arrived since.
  const bool settled = data_clock_.awaits_column();
  if (!settled && (pc.column_stale || turning)) {
    choose_column(pc);
  } else if (!settled && pc.column_news != 0) {
    // The choice stands, unless one of these comes before it.
    const Command command = column_command(pc.direction);
    const Near common = common_clock(command, pc);
    for_each_bank(
        pc.column_news & pc.hits[index(pc.direction)] & ~pc.blocked, [&](std::uint32_t bank) {
          const Near from = columns_from(pc, bank, command, common);
          const First first{std::max(pc.next_at[bank], from), Rank::of_word(pc.next_rank[bank])};
          take_if_first(pc.choices[kColumn], choice_of(pc, kColumn, first));
        });
  }
  if (pc.row_stale || pc.row_news != 0) choose_row(pc);
  pc.column_news = pc.row_news = 0;
  pc.stale = pc.column_stale = pc.column_may_be_stale = pc.row_stale = false;
}

// Renews what the choices are made within: the direction that is served, the banks that are kept
// free for a refresh, whether rows of the other direction are opened. Says whether there is more to
// choose than a refresh.
inline bool Channel::renew_frame(PseudoChannel& pc) {
  const bool settled = data_clock_.awaits_column();
  if (!settled && pc.balance_stale && should_turn(pc)) turn(pc);
  const BankMask waited_for = pc.waited_for[0] | pc.waited_for[1];
  bool put_off = !pc.refresh.may_refresh(waited_for == 0);
  if (!settled && (pc.blocked != 0 || !put_off)) {
    put_off = pc.refresh.choose({waited_for, pc.waited_for[index(pc.direction)], pc.open},
                                [&] { return under_refresh(pc); });
  }
  if (pc.refresh.target() != pc.blocked) {
    pc.blocked = pc.refresh.target();
    pc.column_stale = pc.row_stale = true;
    pc.choices[kRefresh] = Choice{};
  }
  if (pc.blocked != 0) choose_refresh(pc);
  if (pc.waiting[0] + pc.waiting[1] == 0 && (pc.open & pc.closing) == 0) {
    pc.choices[kColumn] = pc.choices[kRow] = Choice{};  // at rest there are only refreshes
    pc.stale = false;
    return false;
  }
  if (pc.balance_stale) {
    const bool prepare = may_prepare_other(pc);
    pc.row_stale |= prepare != pc.preparing;
    pc.preparing = prepare;
  }
  pc.balance_stale &= settled;
  const bool waits = pc.waiting[0] + pc.waiting[1] != 0;
  pc.frame_stale = pc.blocked != 0 || !put_off || data_clock_.stops() || !waits;
  return true;
}

// Serves the other direction from now on.
void Channel::turn(PseudoChannel& pc) {
  if (pc.direction == Direction::write) pc.writes_overdue = false;
  pc.direction = opposite(pc.direction);
  pc.served = 0;
  pc.column_stale = pc.row_stale = true;
  plan(pc, pc.waited_for[0] | pc.waited_for[1]);
}

// Time has caught up with it, so that an older request may be as early.
bool Channel::has_aged(const PseudoChannel& pc, const Choice& choice) const {
  return choice.at < common_clock(choice.command, pc);
}

BankMask Channel::under_refresh(const PseudoChannel& pc) const {
  BankMask banks = 0;
  for (std::uint32_t bank = 0; bank < geometry_.banks(); ++bank) {
    const bool is_under = now_ < banks_[pc.first_bank + bank].row.refresh_end;
    banks |= BankMask{is_under} << bank;
  }
  return banks;
}

// The target's rows are closed first; all at once when all banks are refreshed together.
// REQUIRES: banks are blocked.
void Channel::choose_refresh(PseudoChannel& pc) {
  Choice& choice = pc.choices[kRefresh];
  choice = Choice{};
  const bool whole = pc.refresh.command() == Command::refresh_all;
  const BankMask open = pc.blocked & pc.open;
  if (open != 0) {
    choice.command = whole ? Command::precharge_all : Command::precharge;
    choice.bank = static_cast<std::uint8_t>(std::countr_zero(open));
  } else {
    choice.command = pc.refresh.command();
    choice.bank = static_cast<std::uint8_t>(std::countr_zero(pc.blocked));
  }
  choice.urgency = Urgency(kRefresh, Rank(0, 0), pc.number);
  NearStamp at = ready_.earliest_in_pseudo_channel(choice.command, {pc.number, choice.bank});
  if (choice.command == Command::refresh_bank) {
    for_each_bank(pc.blocked, [&](std::uint32_t bank) {
      at = later(at, ready_.of(Scope::bank, choice.command, pc.first_bank + bank));
    });
  }
  choice.at = at.at();
}

// The first of the next commands of `banks`, none of which issues before the floor of its kind: the
// least of words that have the clock above the rank. REQUIRES: there are banks.
inline Channel::First Channel::first_of(const PseudoChannel& pc, BankMask banks, Lanes floors) {
  WideLanes least = all_wide_lanes(INT64_MAX);
  for (std::size_t bank = 0; bank < kMostBanks && banks >> bank != 0; bank += kLaneCount) {
    const Lanes floor = looked_up(floors, lanes_from_bytes(&pc.next_command[bank]));
    const Lanes at = lanes_of_bits(banks >> bank) ? largest_of(lanes_from(&pc.next_at[bank]), floor)
                                                  : all_lanes(kNeverNear);
    const auto [front, back] = words_of(lanes_from(&pc.next_rank[bank]), at);
    least = least_of(least, least_of(front, back));
  }
  const std::int64_t first = least_lane(least);
  return {static_cast<Near>(first >> 32), Rank::of_word(static_cast<std::int32_t>(first))};
}

inline Choice Channel::choice_of(const PseudoChannel& pc, Kind kind, First first) {
  const std::uint8_t bank = first.rank.bank();
  return {Urgency(kind, first.rank, pc.number), first.at, pc.next_entry[bank],
          pc.next_command[bank], bank};
}

// From when on a column command to an open row of the bank could come. One to a die of another
// stack ID than the last may have to wait longer.
inline Near Channel::columns_from(const PseudoChannel& pc, std::uint32_t bank, Command command,
                                  Near common) const {
  if (geometry_.stack_ids == 1) return common;
  return std::max(common, ready_.of(Scope::other_stack, command, pc.first_bank + bank).at());
}

// The first of the column commands to open rows of these banks.
inline Choice Channel::first_column(const PseudoChannel& pc, BankMask banks) const {
  Choice first;
  if (banks == 0) return first;
  const Lanes floors = common_clocks(pc);
  if (geometry_.stack_ids == 1) return choice_of(pc, kColumn, first_of(pc, banks, floors));
  const std::uint32_t banks_of_stack = geometry_.banks_of_stack();
  for (std::uint32_t bank = 0; bank < geometry_.banks(); bank += banks_of_stack) {
    const BankMask of_stack = banks & ((BankMask{2} << (banks_of_stack - 1)) - 1) << bank;
    if (of_stack == 0) continue;
    const Lanes of_others = ready_.clocks(Scope::other_stack, pc.first_bank + bank);
    take_if_first(first,
                  choice_of(pc, kColumn, first_of(pc, of_stack, largest_of(floors, of_others))));
  }
  return first;
}

// Right after a change of direction the old one may go on in banks that the new one does not want,
// as long as the first data of the new one are not held up by it.
inline void Channel::choose_column(PseudoChannel& pc) {
  const std::size_t own = index(pc.direction), other = index(opposite(pc.direction));
  Choice best = first_column(pc, pc.hits[own] & ~pc.blocked);
  if (pc.served == 0 && index(pc.bus_direction) == other) {
    const Choice filler = first_column(pc, pc.hits[other] & ~pc.waited_for[own] & ~pc.blocked);
    if (filler.at + turn_from_[other].count() <= best.at) best = filler;
  }
  if (data_clock_.stops() && best.at != kNeverNear) start_data_clock_first(best);
  pc.choices[kColumn] = best;
}

// Where the data clock will have stopped, the command that starts it takes the choice's place, a
// clock earlier if there is time. Every issued command makes the choice anew, so that it does not
// slip past the end of the clock.
void Channel::start_data_clock_first(Choice& choice) const {
  const Near at = std::max(choice.at, ready_.of(Scope::channel, choice.command, 0).at());
  if (data_clock_.runs_at(ready_.epoch().far(at))) return;
  choice.command = Command::start_data_clock;
  choice.at = std::max(choice.at - 1, ready_.epoch().near(now_));
}

// A choice that stands need only be compared with the banks that are new.
inline void Channel::choose_row(PseudoChannel& pc) {
  Choice& choice = pc.choices[kRow];
  const bool closes = (pc.open & pc.closing) != 0;
  const bool stands = !pc.row_stale && !closes && choice.at != kNeverNear && !has_aged(pc, choice);
  const std::size_t own = index(pc.direction), other = index(opposite(pc.direction));
  BankMask wanted = pc.waited_for[own] & ~pc.hits[own];
  if (pc.preparing) wanted |= pc.waited_for[other] & ~pc.hits[other] & ~pc.waited_for[own];
  wanted &= ~pc.blocked & (stands ? pc.row_news : ~BankMask{0});
  if (wanted != 0) {
    const Choice first = choice_of(pc, kRow, first_of(pc, wanted, common_clocks(pc)));
    if (!stands || first.with_clock() < choice.with_clock()) choice = first;
  } else if (!stands) {
    choice = Choice{};
  }
  if (closes) close_unwanted(pc);
}

// Closes a row that nobody waits for, if no request's command can issue as early.
void Channel::close_unwanted(PseudoChannel& pc) const {
  const BankMask waited_for = pc.waited_for[0] | pc.waited_for[1];
  const Near common = common_clock(Command::precharge, pc);
  Choice& choice = pc.choices[kRow];
  for_each_bank(pc.open & pc.closing & ~waited_for & ~pc.blocked, [&](std::uint32_t bank) {
    const Near at =
        std::max(common, ready_.of_bank_and_group(Command::precharge, pc.first_bank + bank).at());
    if (at < choice.at) {
      choice = {Urgency(kRow, Rank(Rank::kLastOrder, 0), pc.number), at, kNoEntry,
                Command::precharge, static_cast<std::uint8_t>(bank)};
    }
  });
}

// Rows for the other direction are opened only shortly before the bus turns: opened earlier, they
// would be closed again by the present direction, and every activate counts against tFAW.
bool Channel::may_prepare_other(const PseudoChannel& pc) const {
  const std::uint32_t margin = batch_ / 4;
  const std::uint32_t reads = pc.waiting[0], writes = pc.waiting[1];
  const bool batch_nearly_over = pc.served + margin >= batch_;
  if (pc.direction == Direction::read) {
    return reads == 0 || (writes + margin >= controller_.drain_high && batch_nearly_over);
  }
  return writes <= controller_.drain_low + margin || batch_nearly_over;
}

// Reads go on until so many writes wait that they must be drained; those then go on until few are
// left. Neither direction is left before a batch of it was served, so that a sender who keeps both
// queues full starves neither.
bool Channel::should_turn(const PseudoChannel& pc) const {
  const std::uint32_t reads = pc.waiting[0], writes = pc.waiting[1];
  if (pc.direction == Direction::read) {
    if (writes == 0) return false;
    const bool full = writes >= controller_.drain_high || pc.writes_overdue;
    return reads == 0 || (full && pc.served >= batch_);
  }
  if (reads == 0) return false;
  const std::uint32_t enough = pc.writes_overdue ? 0 : controller_.drain_low;
  return writes <= enough || pc.served >= batch_;
}

}  // namespace strobe::dram
