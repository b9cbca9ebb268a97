// Which command comes next: first ready, first come first served. Of each pseudo-channel three
// choices are kept, the best column, row and refresh command with the clock from which its own
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

// Ties: a refresh that is owed goes first, a column command before a row command (data now rather
// than later), then the older request.
void Channel::offer(Pick& best, std::uint8_t pseudo_channel, const Choice& choice,
                    std::uint32_t rank) {
  if (choice.at >= best.at) {
    if (choice.at > best.at || choice.at == kNever) return;
  }
  const Cycles at = std::max({choice.at, ready_.of_channel(choice.command).at(), now_});
  if (at > best.at) return;
  if (at == best.at) {
    if (rank > best.rank) return;
    if (rank == best.rank && choice.order >= best.choice->order) return;
  }
  best = {at, &choice, rank, pseudo_channel};
}

Channel::Pick Channel::pick() {
  Pick best;
  for (std::uint8_t i = 0; i < pseudo_channels_.size(); ++i) {
    if (pseudo_channels_[i].stale) renew_choices(i);
    offer(best, i, pseudo_channels_[i].refreshing, 0);
    offer(best, i, pseudo_channels_[i].column, 1);
    offer(best, i, pseudo_channels_[i].row, 2);
  }
  return best;
}

void Channel::renew_choices(std::uint8_t pseudo_channel) {
  PseudoChannel& pc = pseudo_channels_[pseudo_channel];
  choose_direction(pc);
  pc.refresh.choose(pc.waited_for[0] | pc.waited_for[1], pc.waited_for[index(pc.direction)],
                    pc.open);
  const BankMask blocked = pc.refresh.target();
  choose_refresh(pseudo_channel);
  choose_column(pseudo_channel, blocked);
  choose_row(pseudo_channel, blocked);
  pc.stale = false;
}

// The target's rows are closed first; all at once when all banks are refreshed together.
void Channel::choose_refresh(std::uint8_t pseudo_channel) {
  PseudoChannel& pc = pseudo_channels_[pseudo_channel];
  pc.refreshing = Choice{};
  const BankMask target = pc.refresh.target();
  if (target == 0) return;
  const bool whole = pc.refresh.whole_pseudo_channel();
  const BankMask open = target & pc.open;
  Choice choice;
  if (open != 0) {
    choice.command = whole ? Command::precharge_all : Command::precharge;
    choice.bank = static_cast<std::uint8_t>(std::countr_zero(open));
  } else {
    choice.command = whole ? Command::refresh_all : Command::refresh_bank;
    choice.bank = static_cast<std::uint8_t>(std::countr_zero(target));
  }
  choice.at = ready_.earliest_in_pseudo_channel(choice.command, {pseudo_channel, choice.bank}).at();
  if (choice.command == Command::refresh_bank) {
    for_each_bank(target, [&](std::uint8_t bank) {
      choice.at = std::max(choice.at, ready_.of_bank(choice.command, {pseudo_channel, bank}).at());
    });
  }
  pc.refreshing = choice;
}

Channel::Choice Channel::earliest_column(std::uint8_t pseudo_channel, Direction direction,
                                         BankMask banks) const {
  const Command command = column_command(direction);
  const Cycles common = std::max(now_, ready_.of_pseudo_channel(command, pseudo_channel).at());
  Choice best;
  for_each_bank(banks, [&](std::uint8_t bank) {
    const Place place{pseudo_channel, bank};
    const Stamp own = std::max(ready_.of_bank(command, place), ready_.of_group(command, place));
    const Cycles at = std::max(common, own.at());
    if (at > best.at) return;
    const EntryId entry = bank_of(pseudo_channel, bank).hit[index(direction)];
    const std::uint64_t order = queue_[entry].order;
    if (at < best.at || order < best.order) best = {at, order, entry, bank, command};
  });
  return best;
}

// Right after a change of direction the old one may go on in banks that the new one does not want,
// as long as the first data of the new one are not held up by it.
void Channel::choose_column(std::uint8_t pseudo_channel, BankMask blocked) {
  PseudoChannel& pc = pseudo_channels_[pseudo_channel];
  const Direction direction = pc.direction, other = opposite(direction);
  pc.column = earliest_column(pseudo_channel, direction, pc.hits[index(direction)] & ~blocked);
  if (pc.served > 0 || pc.bus_direction != other || pc.waiting[index(direction)] == 0) return;
  const BankMask banks = pc.hits[index(other)] & ~pc.waited_for[index(direction)] & ~blocked;
  const Choice filler = earliest_column(pseudo_channel, other, banks);
  if (filler.at + turn_from_[index(other)] <= pc.column.at) pc.column = filler;
}

void Channel::consider(Choice& best, std::uint8_t pseudo_channel, Command command, BankMask banks,
                       Direction direction) const {
  if (banks == 0) return;
  for_each_bank(banks, [&](std::uint8_t bank) {
    const Stamp ready = ready_.earliest_in_pseudo_channel(command, {pseudo_channel, bank});
    const Cycles at = std::max(now_, ready.at());
    if (at > best.at) return;
    const EntryId entry = queue_.oldest(pseudo_channel, bank, direction);
    const std::uint64_t order = queue_[entry].order;
    if (at < best.at || order < best.order) best = {at, order, entry, bank, command};
  });
}

void Channel::choose_row(std::uint8_t pseudo_channel, BankMask blocked) {
  PseudoChannel& pc = pseudo_channels_[pseudo_channel];
  const std::size_t own = index(pc.direction), other = index(opposite(pc.direction));
  const BankMask open = pc.open & ~blocked, closed = ~pc.open & ~blocked;
  Choice best;
  const BankMask wanted = pc.waited_for[own] & ~pc.hits[own];
  consider(best, pseudo_channel, Command::activate, wanted & closed, pc.direction);
  consider(best, pseudo_channel, Command::precharge, wanted & open, pc.direction);
  if (may_prepare_other(pc)) {
    const BankMask next = pc.waited_for[other] & ~pc.hits[other] & ~pc.waited_for[own];
    const Direction direction = opposite(pc.direction);
    consider(best, pseudo_channel, Command::activate, next & closed, direction);
    consider(best, pseudo_channel, Command::precharge, next & open, direction);
  }
  if (controller_.page_policy == PagePolicy::closed) {
    for_each_bank(open & ~(pc.waited_for[0] | pc.waited_for[1]), [&](std::uint8_t bank) {
      const Place place{pseudo_channel, bank};
      const Stamp ready = ready_.earliest_in_pseudo_channel(Command::precharge, place);
      const Cycles at = std::max(now_, ready.at());
      if (at < best.at) best = {at, ~std::uint64_t{0}, kNoEntry, bank, Command::precharge};
    });
  }
  pc.row = best;
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

void Channel::choose_direction(PseudoChannel& pc) {
  if (!should_turn(pc)) return;
  if (pc.direction == Direction::write) pc.writes_overdue = false;
  pc.direction = opposite(pc.direction);
  pc.served = 0;
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
  hits = hit != kNoEntry ? hits | bit : hits & ~bit;
}

void Channel::note_overdue_writes(std::uint8_t pseudo_channel) {
  PseudoChannel& pc = pseudo_channels_[pseudo_channel];
  for_each_bank(pc.waited_for[index(Direction::write)], [&](std::uint8_t bank) {
    const Entry& oldest = queue_[queue_.oldest(pseudo_channel, bank, Direction::write)];
    if (now_ - oldest.arrived_at >= starvation_cap_) pc.writes_overdue = true;
  });
}

}  // namespace strobe::dram
