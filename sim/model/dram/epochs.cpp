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

// From the oldest request that waits. Nobody is passed over by more than ranks can count: refreshes
// find those that have waited for too long (note_overdue_writes).
void Channel::count_orders_anew() {
  std::uint64_t oldest = arrivals_;
  for (const PseudoChannel& pc : pseudo_channels_) {
    for (const Direction direction : {Direction::read, Direction::write}) {
      for (BankMask banks = pc.waited_for[static_cast<std::size_t>(direction)]; banks != 0;
           banks &= banks - 1) {
        const auto bank = static_cast<std::uint32_t>(std::countr_zero(banks));
        oldest = std::min(oldest, queue_[oldest_in(pc, bank, direction)].order);
      }
    }
  }
  STROBE_CHECK(arrivals_ - oldest < Rank::kLastOrder);
  const std::uint64_t by = oldest - first_order_;
  first_order_ = oldest;
  for (PseudoChannel& pc : pseudo_channels_) {
    for (Choice& choice : pc.choices) {
      if (choice.entry != kNoEntry) choice.urgency = choice.urgency.older_by(by);
    }
    plan(pc, pc.waited_for[0] | pc.waited_for[1]);
  }
}

}  // namespace strobe::dram
