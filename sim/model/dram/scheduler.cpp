// Which command comes next: first ready, first come first served. Of each pseudo-channel three
// choices are kept, the best refresh, column and row command with the clock from which its own
// rules allow it; the command bus, which the pseudo-channels share, is asked when one is picked.

#include <algorithm>
#include <bit>

#include "sim/model/dram/channel.h"

namespace strobe::dram {

namespace {

constexpr std::size_t index(Direction direction) {
  return static_cast<std::size_t>(direction);
}

constexpr Command column_command(Direction direction) {
  return direction == Direction::read ? Command::read : Command::write;
}

// Calls `visit` with each bank of the mask.
template <class Visit>
void for_each_bank(BankMask banks, const Visit& visit) {
  for (; banks != 0; banks &= banks - 1) {
    visit(static_cast<std::uint8_t>(std::countr_zero(banks)));
  }
}

}  // namespace

// The earliest; among equals the kinds in their order, then the older request.
const Channel::Pick& Channel::pick() {
  if (best_known_) return best_;
  best_ = Pick{};
  for (std::uint8_t i = 0; i < pseudo_channels_.size(); ++i) {
    if (pseudo_channels_[i].stale) renew_choices(i);
    for (std::uint8_t kind = 0; kind < kKindCount; ++kind) {
      const Choice& choice = pseudo_channels_[i].choices[kind];
      if (choice.at > best_.at || choice.at == kNever) continue;
      const Cycles at = std::max({choice.at, ready_.of_channel(choice.command).at(), now_});
      const bool wins = at != best_.at       ? at < best_.at
                        : kind != best_.kind ? kind < best_.kind
                                             : choice.order < best_.order;
      if (wins) best_ = {at, choice.order, i, static_cast<Kind>(kind)};
    }
  }
  best_known_ = true;
  return best_;
}

// Makes those choices anew that what has happened may have changed.
void Channel::renew_choices(std::uint8_t pseudo_channel) {
  PseudoChannel& pc = pseudo_channels_[pseudo_channel];
  // What a column command to come was chosen for must not change any more.
  const bool settled = data_clock_.awaits_column();
  if (!settled && should_turn(pc)) {
    if (pc.direction == Direction::write) pc.writes_overdue = false;
    pc.direction = opposite(pc.direction);
    pc.served = 0;
    pc.column_stale = pc.row_stale = true;
  }
  if (!settled && pc.refresh.owes()) {
    pc.refresh.choose(pc.waited_for[0] | pc.waited_for[1], pc.waited_for[index(pc.direction)],
                      pc.open);
  }
  if (pc.refresh.target() != pc.blocked) {
    pc.blocked = pc.refresh.target();
    pc.column_stale = pc.row_stale = true;
  }
  choose_refresh(pseudo_channel);
  if (pc.waiting[0] + pc.waiting[1] == 0 && (pc.open & pc.closing) == 0) {
    pc.choices[kColumn] = pc.choices[kRow] = Choice{};  // at rest only refreshes are due
    pc.stale = false;
    return;
  }
  const bool turning = pc.bus_direction != pc.direction && pc.served == 0;
  if (pc.column_stale || turning) choose_column(pseudo_channel);
  const bool prepare = may_prepare_other(pc);
  if (pc.row_stale || prepare != pc.preparing) {
    pc.preparing = prepare;
    choose_row(pseudo_channel);
  }
  pc.stale = pc.column_stale = pc.row_stale = false;
}

// The target's rows are closed first; all at once when all banks are refreshed together.
void Channel::choose_refresh(std::uint8_t pseudo_channel) {
  PseudoChannel& pc = pseudo_channels_[pseudo_channel];
  Choice& choice = pc.choices[kRefresh];
  choice = Choice{};
  if (pc.blocked == 0) return;
  const bool whole = pc.refresh.command() == Command::refresh_all;
  const BankMask open = pc.blocked & pc.open;
  if (open != 0) {
    choice.command = whole ? Command::precharge_all : Command::precharge;
    choice.bank = static_cast<std::uint8_t>(std::countr_zero(open));
  } else {
    choice.command = pc.refresh.command();
    choice.bank = static_cast<std::uint8_t>(std::countr_zero(pc.blocked));
  }
  choice.at = ready_.earliest_in_pseudo_channel(choice.command, {pseudo_channel, choice.bank}).at();
  if (choice.command == Command::refresh_bank) {
    for_each_bank(pc.blocked, [&](std::uint8_t bank) {
      choice.at = std::max(choice.at, ready_.of_bank(choice.command, {pseudo_channel, bank}).at());
    });
  }
}

Channel::Choice Channel::earliest_column(std::uint8_t pseudo_channel, Direction direction,
                                         BankMask banks) {
  Choice best;
  const Command command = column_command(direction);
  consider(best, pseudo_channel, command, banks,
           pseudo_channels_[pseudo_channel].oldest_hit[index(direction)]);
  if (best.at != kNever) {
    best.entry = bank_of(pseudo_channel, best.bank).hit[index(direction)];
  }
  return best;
}

// Right after a change of direction the old one may go on in banks that the new one does not want,
// as long as the first data of the new one are not held up by it.
void Channel::choose_column(std::uint8_t pseudo_channel) {
  PseudoChannel& pc = pseudo_channels_[pseudo_channel];
  const Direction direction = pc.direction, other = opposite(direction);
  Choice& choice = pc.choices[kColumn];
  choice = earliest_column(pseudo_channel, direction, pc.hits[index(direction)] & ~pc.blocked);
  if (pc.served == 0 && pc.bus_direction == other) {
    const BankMask banks = pc.hits[index(other)] & ~pc.waited_for[index(direction)] & ~pc.blocked;
    const Choice filler = earliest_column(pseudo_channel, other, banks);
    if (filler.at + turn_from_[index(other)] <= choice.at) choice = filler;
  }
  if (choice.at != kNever) start_data_clock_first(choice);
}

// Where the data clock will have stopped, the command that starts it takes the choice's place, a
// clock earlier if there is time. Every issued command makes the choice anew, so that it does not
// slip past the end of the clock.
void Channel::start_data_clock_first(Choice& choice) const {
  if (data_clock_.runs_at(std::max(choice.at, ready_.of_channel(choice.command).at()))) return;
  choice.command = Command::start_data_clock;
  choice.at = std::max(choice.at - Cycles(1), now_);
}

// Puts the command to one of `banks` in place of `best` if it can issue earlier or, at the same
// clock, is for an older request.
void Channel::consider(Choice& best, std::uint8_t pseudo_channel, Command command, BankMask banks,
                       const OrderOfBanks& order) const {
  if (banks == 0) return;
  const Cycles common = std::max(now_, ready_.of_pseudo_channel(command, pseudo_channel).at());
  const ReadyTimes::BankRow ready = ready_.bank_row(command, pseudo_channel);
  for_each_bank(banks, [&](std::uint8_t bank) {
    const Cycles at = std::max(common, ready.of(bank).at());
    if (at > best.at || (at == best.at && order[bank] >= best.order)) return;
    best.at = at;
    best.order = order[bank];
    best.bank = bank;
    best.command = command;
  });
}

void Channel::choose_row(std::uint8_t pseudo_channel) {
  PseudoChannel& pc = pseudo_channels_[pseudo_channel];
  const std::size_t own = index(pc.direction), other = index(opposite(pc.direction));
  const BankMask open = pc.open & ~pc.blocked, closed = ~pc.open & ~pc.blocked;
  Choice best;
  const BankMask wanted = pc.waited_for[own] & ~pc.hits[own];
  consider(best, pseudo_channel, Command::activate, wanted & closed, pc.oldest[own]);
  consider(best, pseudo_channel, Command::precharge, wanted & open, pc.oldest[own]);
  BankMask next = 0;
  if (pc.preparing) {
    next = pc.waited_for[other] & ~pc.hits[other] & ~pc.waited_for[own];
    consider(best, pseudo_channel, Command::activate, next & closed, pc.oldest[other]);
    consider(best, pseudo_channel, Command::precharge, next & open, pc.oldest[other]);
  }
  if (best.at != kNever) {
    const bool for_other = (next >> best.bank & 1) != 0;
    const Direction direction = for_other ? opposite(pc.direction) : pc.direction;
    best.entry = queue_.oldest(pseudo_channel, best.bank, direction);
  }
  if ((pc.open & pc.closing) != 0) {
    // Nobody waits for these, so any request's command goes before them.
    static constexpr OrderOfBanks kNobody = [] {
      OrderOfBanks last{};
      last.fill(~std::uint64_t{0});
      return last;
    }();
    Choice idle;
    consider(idle, pseudo_channel, Command::precharge,
             open & pc.closing & ~(pc.waited_for[0] | pc.waited_for[1]), kNobody);
    if (idle.at < best.at) best = idle;
  }
  pc.choices[kRow] = best;
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

// Notes the oldest request from `from` on that wants the bank's open row, unless the bank's oldest
// request has been passed over for too long: then it goes first and the row is closed.
void Channel::find_hit(std::uint8_t pseudo_channel, std::uint8_t bank_number, Direction direction,
                       EntryId from) {
  PseudoChannel& pc = pseudo_channels_[pseudo_channel];
  Bank& bank = bank_of(pseudo_channel, bank_number);
  EntryId hit = kNoEntry;
  const EntryId oldest = queue_.oldest(pseudo_channel, bank_number, direction);
  if (bank.open_row != kClosed && oldest != kNoEntry) {
    const Entry& first = queue_[oldest];
    if (first.row == bank.open_row) {
      hit = oldest;
    } else if (now_ - first.arrived_at < starvation_cap_) {
      hit = queue_.find_row(from, bank.open_row);
    }
  }
  bank.hit[index(direction)] = hit;
  const BankMask bit = BankMask{1} << bank_number;
  BankMask& hits = pc.hits[index(direction)];
  if (hit == kNoEntry) {
    hits &= ~bit;
  } else {
    hits |= bit;
    pc.oldest_hit[index(direction)][bank_number] = queue_[hit].order;
  }
}

void Channel::note_habit(const Entry& entry) {
  PseudoChannel& pc = pseudo_channels_[entry.pseudo_channel];
  RowHabit& habit = bank_of(entry.pseudo_channel, entry.bank).habit;
  habit.see(entry.row);
  const BankMask bit = BankMask{1} << entry.bank;
  pc.closing = habit.closes() ? pc.closing | bit : pc.closing & ~bit;
  pc.row_stale = true;
}

void Channel::note_overdue_writes(std::uint8_t pseudo_channel) {
  PseudoChannel& pc = pseudo_channels_[pseudo_channel];
  for_each_bank(pc.waited_for[index(Direction::write)], [&](std::uint8_t bank) {
    const Entry& oldest = queue_[queue_.oldest(pseudo_channel, bank, Direction::write)];
    if (now_ - oldest.arrived_at >= starvation_cap_) pc.writes_overdue = true;
  });
}

}  // namespace strobe::dram
