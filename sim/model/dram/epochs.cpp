// Choices have clocks and orders in few bits, counted from epochs that are moved now and then.

#include <algorithm>
#include <bit>

#include "sim/model/dram/channel.h"

namespace strobe::dram {

void Channel::bring_choices_nearer(Cycles by) {
  for (PseudoChannel& pc : pseudo_channels_) {
    for (Choice& choice : pc.choices) {
      if (choice.at == kNeverNear) continue;
      const std::int64_t at = std::max(choice.at - by.count(), -Epoch::kReach.count());
      choice.at = static_cast<Near>(at);
    }
    plan(pc, pc.waited_for[0] | pc.waited_for[1]);
  }
}

// From the oldest request that waits, unless that has been passed over by more than ranks can
// count: all that were are as old as each other.
void Channel::count_orders_anew() {
  std::uint64_t oldest = arrivals_;
  for (const PseudoChannel& pc : pseudo_channels_) {
    for (const Direction direction : {Direction::read, Direction::write}) {
      for (BankMask banks = pc.waited_for[index(direction)]; banks != 0; banks &= banks - 1) {
        const auto bank = static_cast<std::uint32_t>(std::countr_zero(banks));
        oldest = std::min(oldest, queue_[oldest_in(pc, bank, direction)].order);
      }
    }
  }
  first_order_ = std::max(oldest, arrivals_ - Rank::kLastOrder / 2);
  for (PseudoChannel& pc : pseudo_channels_) {
    for (Choice& choice : pc.choices) {
      if (choice.entry == kNoEntry) continue;
      choice.urgency =
          Urgency(choice.urgency.kind(), Rank(order_of(choice.entry), choice.bank), pc.number);
    }
    plan(pc, pc.waited_for[0] | pc.waited_for[1]);
  }
}

}  // namespace strobe::dram
