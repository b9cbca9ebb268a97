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

// Time has caught up with it, so that an older request may be as early.
bool Channel::has_aged(const PseudoChannel& pc, const Choice& choice) const {
  return choice.at < common_clock(choice.command, pc);
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

// The same for rest.cpp, so that it need not have a copy of it.
void Channel::issue_at_rest(const Pick& pick) {
  issue(pick);
}

[[gnu::always_inline]] inline void Channel::issue(const Pick& pick) {
  PseudoChannel& pc = pseudo_channels_[pick.pseudo_channel];
  const Choice choice = pc.choices[pick.kind];
  const BankPlace place{pc.number, choice.bank};
  step_.issued = true;
  step_.completed = false;
  step_.choice = choice;
  step_.pseudo_channel = place.pseudo_channel;
  step_.at = pc.last_command = pick.at;
  pc.stale = true;
  best_known_ = false;
  // A row command goes to a bank that no column command was chosen for. (But it takes the command
  // bus, and the choice must not slip past the end of the data clock.)
  const bool stands =
      pick.kind == kRow && !data_clock_.stops() && !reach_in_group_[index(choice.command)].columns;
  (stands ? pc.column_may_be_stale : pc.column_stale) = true;
  if (choice.command == Command::start_data_clock) {
    data_clock_.start(pick.at);
    pc.choices[kColumn].command = column_command(queue_[choice.entry].direction);
    pc.choices[kColumn].at = ready_.epoch().near(pick.at) + 1;
  } else if (pick.kind == kColumn) {
    // A read may have come for the bank of a write that the data clock was started for.
    pc.row_stale |= columns_hold_up_rows_ || pc.choices[kRow].bank == choice.bank;
    issue_column(pc, choice);
  } else if (pc.row_stale = true; choice.command == Command::activate) {
    pc.column_news |= BankMask{1} << choice.bank;
    open_row(pc, choice);
  } else if (choice.command == Command::precharge) {
    if (choice.entry != kNoEntry) queue_[choice.entry].precharged = true;
    close_row(pc, choice.bank, pick.at, ready_.earliest(choice.command, place));
    ++counters_.precharges;
  } else if (choice.command == Command::precharge_all) {
    close_all_rows(pc, pick.at, ready_.earliest(choice.command, place));
  } else {
    start_refresh(pc, pick.at);
    pc.last_refresh = pick.at;
  }
  ready_.issue(choice.command, place, pick.at);
  plan_after(pc, choice);
}

// Renews what has changed for the banks that the command went to and for those that it holds up. (A
// rule of the whole pseudo-channel is asked for when a choice is made.)
inline void Channel::plan_after(PseudoChannel& pc, const Choice& issued) {
  const BankMask waited_for = pc.waited_for[0] | pc.waited_for[1];
  if (issued.command == Command::precharge_all || is_refresh(issued.command)) {
    plan(pc, waited_for);
    return;
  }
  const BankMask bit = BankMask{1} << issued.bank;
  if ((waited_for & bit) != 0) {
    if (issued.entry == kNoEntry || step_.completed) {
      plan_bank(pc, issued.bank);
    } else {
      plan_next(pc, issued);
    }
  }
  if (!reach_in_group_[index(issued.command)].any) return;
  if ((group_of(issued.bank) & waited_for & ~bit) != 0) plan_group(pc, issued.bank);
}

// After a command for a request that goes on: the bank's next one is for the same request.
inline void Channel::plan_next(PseudoChannel& pc, const Choice& issued) const {
  const std::uint32_t bank = issued.bank;
  STROBE_ASSERT(pc.next_entry[bank] == issued.entry);
  Command& next = pc.next_command[bank];
  if (issued.command == Command::precharge) next = Command::activate;
  if (issued.command == Command::activate) next = column_command(queue_[issued.entry].direction);
  pc.next_at[bank] = ready_.of_bank_and_group(next, pc.first_bank + bank).at();
}

inline void Channel::issue_column(PseudoChannel& pc, const Choice& choice) {
  Entry& entry = queue_[choice.entry];
  note_column(pc, entry, choice, step_.at);
  const auto burst = static_cast<std::uint16_t>(std::countr_zero(entry.bursts));
  entry.bursts = static_cast<std::uint8_t>(entry.bursts & (entry.bursts - 1));
  step_.column = static_cast<std::uint16_t>(entry.column + burst);
  if (entry.bursts != 0) return;
  finish(pc, entry, step_.at);
  leave(pc, choice);
}

// What the counters and the attribution want to know of a column command before it is stamped.
inline void Channel::note_column(PseudoChannel& pc, Entry& entry, const Choice& choice, Cycles at) {
  const std::size_t place = pc.first_bank + choice.bank;
  const auto stamp = [&](Scope scope) { return ready_.of(scope, choice.command, place); };
  const NearStamp group = later(stamp(Scope::bank_group), stamp(Scope::other_stack));
  const NearStamp pins = stamp(Scope::pseudo_channel);
  if (group.at() > pins.at() && ready_.epoch().far(group).reason() == Reason::bank_group) {
    const NearStamp others = later(stamp(Scope::bank), later(pins, stamp(Scope::channel)));
    const Cycles since = later(ready_.epoch().far(others).at(), entry.arrived_at);
    const Cycles allowed = ready_.epoch().far(group).at();
    if (allowed > since) entry.bank_group_wait += allowed - since;
  }
  Bank& bank = bank_of(pc, choice.bank);
  if (!entry.issued) {
    entry.issued = true;
    entry.first_column = at;
    if (controller_.page_policy == PagePolicy::adaptive) note_habit(pc, entry);
    ++(!entry.activated   ? bank.counters.row_hits
       : entry.precharged ? bank.counters.row_conflicts
                          : bank.counters.row_misses);
  }
  note_direction(pc, entry.direction, at);
  data_clock_.use(entry.direction, at);
  bank.row.last_column = at;
  ++(entry.direction == Direction::read ? bank.counters.reads : bank.counters.writes);
}

// Takes a finished request out of its bank's list.
inline void Channel::leave(PseudoChannel& pc, const Choice& choice) {
  const Direction direction = queue_[choice.entry].direction;
  const EntryId next = queue_[choice.entry].next;
  const BankMask bit = BankMask{1} << choice.bank;
  if (direction == pc.direction) ++pc.served;
  pc.balance_stale = pc.frame_stale = true;
  --pc.waiting[index(direction)];
  --waiting_;
  queue_.remove(choice.entry);
  if (oldest_in(pc, choice.bank, direction) == kNoEntry) {
    pc.waited_for[index(direction)] &= ~bit;
    pc.hits[index(direction)] &= ~bit;
  } else {
    find_hit(pc, choice.bank, direction, next);
  }
  if ((pc.hits[index(direction)] & bit) == 0) pc.row_news |= bit;
}

inline void Channel::note_direction(PseudoChannel& pc, Direction direction, Cycles at) {
  if (pc.bus_direction == direction) return;
  pc.bus_time[index(pc.bus_direction)] += at - pc.bus_turned_at;
  pc.bus_direction = direction;
  pc.bus_turned_at = at;
  ++counters_.turnarounds;
}

inline void Channel::finish(const PseudoChannel& pc, const Entry& entry, Cycles at) {
  const Bank& bank = bank_of(pc, entry.bank);
  const std::size_t direction = index(entry.direction);
  step_.completed = true;
  step_.tag = entry.tag;
  step_.data_end = clock_.edge(at + column_latency_[direction] + burst_);
  const ServiceTimes times{at, step_.data_end, row_to_column_[direction],
                           pc.time_in(opposite(entry.direction), at)};
  note_stages(entry, bank.row, times, clock_, step_.stages);
  const auto waited = static_cast<std::uint64_t>((at - entry.arrived_at).count());
  if (entry.direction == Direction::read) {
    counters_.read_queue_cycles += waited;
    read_latency_.add(step_.data_end - entry.arrived);
  } else {
    ++counters_.write_requests;
    counters_.write_queue_cycles += waited;
  }
}

}  // namespace strobe::dram
