// A channel that nothing waits in only refreshes, round after round, each like the one before. What
// whole rounds do is added up instead of being done, so that an idle millisecond costs little.

#include <algorithm>

#include "sim/model/dram/channel.h"

namespace strobe::dram {

// Leaves the last half round before `stop`, or more, to be done refresh by refresh: no rule looks
// further back than that where a refresh, the longest wait there is, takes less.
void Channel::skip_rounds_at_rest(Cycles stop) {
  const std::int64_t round = refresh_round_.count();
  const std::int64_t rounds = ((stop - next_due_).count() - round / 2) / round;
  if (rounds <= 0 || refresh_time_.count() >= round / 2) return;
  for (const PseudoChannel& pc : pseudo_channels_) {
    if (pc.open != 0 || !pc.refresh.rests()) return;
  }
  next_due_ = kNever;
  for (PseudoChannel& pc : pseudo_channels_) {
    const std::int64_t commands = pc.refresh.skip_rounds(rounds);
    (pc.refresh.whole_pseudo_channel() ? counters_.refresh_alls : counters_.refresh_banks) +=
        static_cast<std::uint64_t>(commands);
    next_due_ = std::min(next_due_, pc.refresh.next_due());
  }
  for (Bank& bank : banks_) {
    bank.row.refreshed += refresh_time_ * rounds;
    bank.counters.refreshes += static_cast<std::uint64_t>(rounds);
  }
}

void Channel::count_open_time(Instant until) {
  const Cycles end = clock_.first_edge_from(until + 1_ps) - Cycles(1);  // the last clock by then
  for (PseudoChannel& pc : pseudo_channels_) {
    if (pc.open == 0 || end <= pc.open_since) continue;
    counters_.open_cycles += static_cast<std::uint64_t>((end - pc.open_since).count());
    pc.open_since = end;
  }
}

}  // namespace strobe::dram
