#pragma once

// The power of a channel over time: what each interval's commands and its length have cost, by
// share. The channel's counters are looked at when an interval ends, so that nothing is added to
// what a command takes.

#include <array>
#include <cstdint>
#include <vector>

#include "sim/model/dram/channel.h"
#include "sim/model/dram/energy.h"
#include "sim/stats/series.h"

namespace strobe::dram {

using ShareSeries = std::array<stats::Series, kEnergyShares.size()>;  // fJ of each interval

// The same of many channels, added up.
struct EnergyOverTime {
  Picoseconds interval;
  std::array<std::vector<std::uint64_t>, kEnergyShares.size()> femtojoules;
};
// In intervals of `interval`, or longer where one of them has longer ones.
EnergyOverTime sum_of(std::vector<ShareSeries> channels, Picoseconds interval);

class PowerSeries {
 public:
  // `part` must outlive this.
  explicit PowerSeries(const PartSpec& part) : part_(&part) {}

  // Brings the channel up to `end` by `run(until)`, which says whether it got there, and notes what
  // that costs. In a pause, however long, there are refreshes, whose energy is spread evenly over
  // it.
  template <class Run>
  void follow(Channel& channel, Instant end, const Run& run) {
    for (bool pauses = false; next_ < end; pauses = channel.idle()) {
      const Instant at = pauses ? end : next_;
      if (!run(at)) return;
      note(channel.counters(at), at);
    }
    run(end);
  }
  // Of a channel that has been brought up to `now`.
  void catch_up(Channel& channel, Instant now) {
    follow(channel, now, [](Instant) { return true; });
  }
  // The last of it.
  void finish(Channel& channel, Instant end) {
    catch_up(channel, end);
    note(channel.counters(end), end);
  }

  const ShareSeries& shares() const { return shares_; }

 private:
  void note(const Counters& counters, Instant at);
  static void spread(stats::Series& series, double femtojoules, Instant from, Instant to);

  const PartSpec* part_;
  ShareSeries shares_;
  Counters before_;
  Instant noted_;
  Instant next_ = Instant(Picoseconds(stats::Series::kFirstInterval));
};

}  // namespace strobe::dram
