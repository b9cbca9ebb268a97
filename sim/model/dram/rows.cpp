// What a channel notes when a row is opened or closed and when banks are refreshed.

#include <bit>

#include "sim/model/dram/channel.h"

namespace strobe::dram {

void Channel::open_row(PseudoChannel& pc, const Choice& choice) {
  const BankPlace place{pc.number, choice.bank};
  Bank& bank = bank_of(pc, choice.bank);
  Entry& entry = queue_[choice.entry];
  entry.activated = true;
  pc.open_row[choice.bank] = entry.row;
  bank.row.activated_at = step_.at;
  bank.row.activate_bank_bound =
      ready_.epoch().far(ready_.of(Scope::bank, Command::activate, pc.first_bank + choice.bank));
  bank.row.activate_bound =
      ready_.epoch().far(ready_.earliest_in_pseudo_channel(Command::activate, place));
  if (pc.open == 0) pc.open_since = step_.at;
  const BankMask bit = BankMask{1} << choice.bank;
  pc.open |= bit;
  // It was opened for the oldest of its direction.
  const auto own = index(entry.direction);
  STROBE_ASSERT(oldest_in(pc, choice.bank, entry.direction) == choice.entry);
  pc.hit[own][choice.bank] = choice.entry;
  pc.hits[own] |= bit;
  const Direction other = opposite(entry.direction);
  if ((pc.waited_for[index(other)] & bit) != 0) {
    find_hit(pc, choice.bank, other, oldest_in(pc, choice.bank, other));
  }
  ++bank.counters.activates;
}

void Channel::close_row(PseudoChannel& pc, std::uint32_t bank_number, Cycles at, Stamp bound) {
  Bank& bank = bank_of(pc, bank_number);
  const BankMask bit = BankMask{1} << bank_number;
  pc.open_row[bank_number] = kClosed;
  bank.row.precharged_at = at;
  bank.row.precharge_bound = bound;
  bank.row.column_before_precharge = bank.row.last_column;
  pc.open &= ~bit;
  if (pc.open == 0) {
    counters_.open_cycles += static_cast<std::uint64_t>((at - pc.open_since).count());
  }
  for (BankMask& hits : pc.hits) hits &= ~bit;
}

void Channel::close_all_rows(PseudoChannel& pc, Cycles at, Stamp bound) {
  for (BankMask open = pc.open; open != 0; open &= open - 1) {
    close_row(pc, static_cast<std::uint32_t>(std::countr_zero(open)), at, bound);
  }
  ++counters_.precharge_alls;
}

void Channel::start_refresh(PseudoChannel& pc, Cycles at) {
  note_refreshed(pc, pc.refresh.target(), at);
  if (pc.refresh.done()) ++counters_.refreshes_pulled_in;
}

void Channel::note_refreshed(PseudoChannel& pc, BankMask banks, Cycles at) {
  for (; banks != 0; banks &= banks - 1) {
    Bank& bank = bank_of(pc, static_cast<std::uint32_t>(std::countr_zero(banks)));
    bank.row.refreshed += refresh_time_;
    bank.row.refresh_end = at + refresh_time_;
    ++bank.counters.refreshes;
  }
  ++refreshes_issued(pc.refresh.command());
}

}  // namespace strobe::dram
