// What the next command to each bank would be and from when on it could come.

#include <algorithm>
#include <bit>
#include <cstring>

#include "sim/model/dram/channel.h"

namespace strobe::dram {

// Renews the entries of these banks, which are waited for.
void Channel::plan(PseudoChannel& pc, BankMask banks) const {
  for_each_bank(banks, [&](std::uint32_t bank) { plan_bank(pc, bank); });
}

void Channel::plan_bank(PseudoChannel& pc, std::uint32_t bank) const {
  const BankMask bit = BankMask{1} << bank;
  const Direction direction = pc.served_in(bit);
  const bool hit = (pc.hits[index(direction)] & bit) != 0;
  const Command command = hit                    ? column_command(direction)
                          : (pc.open & bit) != 0 ? Command::precharge
                                                 : Command::activate;
  const EntryId entry = hit ? pc.hit[index(direction)][bank] : oldest_in(pc, bank, direction);
  pc.next_entry[bank] = entry;
  pc.next_command[bank] = command;
  pc.next_rank[bank] = Rank(order_of(entry), bank).word();
  pc.next_at[bank] = ready_.of_bank_and_group(command, pc.first_bank + bank).at();
}

// Renews when the next commands of the banks in this one's group can come.
void Channel::plan_group(PseudoChannel& pc, std::uint32_t bank) const {
  const Lanes clocks = ready_.clocks(Scope::bank_group, pc.first_bank + bank);
  const BankMask group = group_of(bank);
  const std::uint32_t span = std::max<std::uint32_t>(geometry_.banks_per_group, kLaneCount);
  const std::uint32_t first = bank & ~(span - 1);
  for (std::uint32_t i = first; i < first + span; i += kLaneCount) {
    const Lanes at = lanes_from(&pc.next_at[i]);
    const Lanes floor = looked_up(clocks, lanes_from_bytes(&pc.next_command[i]));
    const Lanes next = lanes_of_bits(group >> i) ? largest_of(at, floor) : at;
    std::memcpy(&pc.next_at[i], &next, sizeof next);
  }
}

// Notes the oldest request from `from` on that wants the bank's open row, unless the bank's oldest
// request has been passed over for too long: then it goes first and the row is closed.
void Channel::find_hit(PseudoChannel& pc, std::uint32_t bank, Direction direction, EntryId from) {
  EntryId hit = kNoEntry;
  const EntryId oldest = oldest_in(pc, bank, direction);
  if (pc.open_row[bank] != kClosed && oldest != kNoEntry) {
    const Entry& first = queue_[oldest];
    if (first.row == pc.open_row[bank]) {
      hit = oldest;
    } else if (now_ - first.arrived_at < starvation_cap_) {
      hit = queue_.find_row(pc.first_bank + bank, direction, from, pc.open_row[bank]);
    }
  }
  pc.hit[index(direction)][bank] = hit;
  const BankMask bit = BankMask{1} << bank;
  BankMask& hits = pc.hits[index(direction)];
  hits = hit == kNoEntry ? hits & ~bit : hits | bit;
}

void Channel::note_habit(PseudoChannel& pc, const Entry& entry) {
  RowHabit& habit = bank_of(pc, entry.bank).habit;
  habit.see(entry.row);
  const BankMask bit = BankMask{1} << entry.bank;
  pc.closing = habit.closes() ? pc.closing | bit : pc.closing & ~bit;
  pc.row_stale = true;
}

}  // namespace strobe::dram
