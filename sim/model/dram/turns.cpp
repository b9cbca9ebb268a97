// Whose turn it is: which direction is served, which refresh is owed, which rows are closed.

#include <algorithm>
#include <bit>

#include "sim/model/dram/channel.h"

namespace strobe::dram {

// Serves the other direction from now on.
void Channel::turn(PseudoChannel& pc) {
  if (pc.direction == Direction::write) pc.writes_overdue = false;
  pc.direction = opposite(pc.direction);
  pc.served = 0;
  pc.column_stale = pc.row_stale = true;
  plan(pc, pc.waited_for[0] | pc.waited_for[1]);
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

void Channel::note_overdue_writes(PseudoChannel& pc) const {
  for_each_bank(pc.waited_for[index(Direction::write)], [&](std::uint32_t bank) {
    const Entry& oldest = queue_[oldest_in(pc, bank, Direction::write)];
    if (now_ - oldest.arrived_at >= starvation_cap_) pc.writes_overdue = pc.balance_stale = true;
  });
}

}  // namespace strobe::dram
