// Reads of what a waiting write holds need no command.

#include <bit>

#include "sim/model/dram/channel.h"

namespace strobe::dram {

// The bursts of a read that no waiting write holds.
std::uint8_t Channel::forward(const PseudoChannel& pc, const Location& location,
                              std::uint8_t wanted) {
  unsigned bursts = wanted;
  EntryId id = oldest_in(pc, location.bank, Direction::write);
  for (; id != kNoEntry; id = queue_[id].next) {
    const Entry& write = queue_[id];
    if (write.row != location.row || write.column != location.column) continue;
    const unsigned held = bursts & write.bursts;
    counters_.forwarded += static_cast<unsigned>(std::popcount(held));
    bursts &= ~held;
  }
  return static_cast<std::uint8_t>(bursts);
}

// The data come from the write queue: they take their time on the way out, not on the pins.
void Channel::finish_forwarded() {
  const Forwarded read = forwarded_.back();
  forwarded_.pop_back();
  const Instant first_edge = clock_.edge(read.arrived_at);
  step_.issued = false;
  step_.completed = true;
  step_.at = read.arrived_at;
  step_.tag = read.tag;
  step_.pseudo_channel = read.pseudo_channel;
  step_.data_end = clock_.edge(read.arrived_at + burst_);
  step_.stages = {};
  step_.stages.add(stats::Cause::dram_queue, first_edge - read.arrived);
  step_.stages.add(stats::Cause::dram_burst, step_.data_end - first_edge);
  read_latency_.add(step_.data_end - read.arrived);
  --pseudo_channels_[read.pseudo_channel].forwarded;
  --waiting_;
}

}  // namespace strobe::dram
