// What a channel has counted, brought up to date when it is asked for.

#include "sim/model/dram/channel.h"

namespace strobe::dram {

void Channel::count_open_time(Instant until) {
  const Cycles end = clock_.first_edge_from(until + 1_ps) - Cycles(1);  // the last clock by then
  for (PseudoChannel& pc : pseudo_channels_) {
    if (pc.open == 0 || end <= pc.open_since) continue;
    counters_.open_cycles += static_cast<std::uint64_t>((end - pc.open_since).count());
    pc.open_since = end;
  }
}

std::vector<BankCounters> Channel::bank_counters() const {
  std::vector<BankCounters> counters;
  for (const Bank& bank : banks_) counters.push_back(bank.counters);
  return counters;
}

}  // namespace strobe::dram
