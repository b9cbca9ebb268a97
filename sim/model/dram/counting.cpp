// What a channel has counted, brought up to date when it is asked for.

#include "sim/model/dram/channel.h"

namespace strobe::dram {

Counters Channel::counters(Instant until) const {
  Counters counters = counters_;
  counters.open_cycles += still_open_cycles(until);
  count_commands(counters);
  counters.data_bus_cycles =
      (counters.reads + counters.writes) * static_cast<std::uint64_t>(burst_.count());
  counters.read_requests = read_latency_.count();
  return counters;
}

// What is counted bank by bank.
void Channel::count_commands(Counters& counters) const {
  for (const Bank& bank : banks_) {
    counters.activates += bank.counters.activates;
    counters.reads += bank.counters.reads;
    counters.writes += bank.counters.writes;
    counters.row_hits += bank.counters.row_hits;
    counters.row_misses += bank.counters.row_misses;
    counters.row_conflicts += bank.counters.row_conflicts;
  }
}

// Of rows that have not been closed yet.
std::uint64_t Channel::still_open_cycles(Instant until) const {
  std::uint64_t cycles = 0;
  const Cycles end = clock_.first_edge_from(until + 1_ps) - Cycles(1);  // the last clock by then
  for (const PseudoChannel& pc : pseudo_channels_) {
    if (pc.open == 0 || end <= pc.open_since) continue;
    cycles += static_cast<std::uint64_t>((end - pc.open_since).count());
  }
  return cycles;
}

std::vector<BankCounters> Channel::bank_counters() const {
  std::vector<BankCounters> counters;
  for (const PseudoChannel& pc : pseudo_channels_) {
    const Bank* const first = &banks_[pc.first_bank];
    for (std::uint32_t i = 0; i < geometry_.banks(); ++i) counters.push_back(first[i].counters);
  }
  return counters;
}

}  // namespace strobe::dram
