#include "sim/model/dram/power_series.h"

#include <algorithm>
#include <cmath>

namespace strobe::dram {

namespace {

Counters since(const Counters& before, const Counters& now) {
  Counters change;
  for (const auto& row : kCounters) change.*row.counter = now.*row.counter - before.*row.counter;
  return change;
}

Instant end_of_interval(const stats::Series& series, Instant at) {
  const std::int64_t interval = series.interval().count();
  return Instant(Picoseconds((at.since_start().count() / interval + 1) * interval));
}

}  // namespace

void PowerSeries::note(const Counters& counters, Instant at) {
  if (at <= noted_) return;
  const Energy energy = energy_of(*part_, 1, since(before_, counters), at - noted_);
  for (std::size_t i = 0; i < shares_.size(); ++i) {
    spread(shares_[i], energy.*kEnergyShares[i].energy * 1e15, noted_, at);
  }
  before_ = counters;
  noted_ = at;
  next_ = end_of_interval(shares_[0], at);
}

// Evenly; what is rounded off in one interval comes with the next.
void PowerSeries::spread(stats::Series& series, double femtojoules, Instant from, Instant to) {
  const auto length = static_cast<double>((to - from).count());
  std::uint64_t given = 0;
  for (Instant at = from; at < to;) {
    const Instant next = std::min(to, end_of_interval(series, at));
    const double share = static_cast<double>((next - from).count()) / length;
    const auto so_far = static_cast<std::uint64_t>(std::llround(femtojoules * share));
    series.add(at, so_far - given);
    given = so_far;
    at = next;
  }
}

EnergyOverTime sum_of(std::vector<ShareSeries> channels, Picoseconds interval) {
  EnergyOverTime sum{interval, {}};
  for (const ShareSeries& shares : channels) {
    for (const stats::Series& share : shares)
      sum.interval = std::max(sum.interval, share.interval());
  }
  for (ShareSeries& shares : channels) {
    for (std::size_t i = 0; i < shares.size(); ++i) {
      shares[i].widen_to(sum.interval);
      const std::vector<std::uint64_t>& amounts = shares[i].amounts();
      std::vector<std::uint64_t>& sums = sum.femtojoules[i];
      sums.resize(std::max(sums.size(), amounts.size()));
      for (std::size_t k = 0; k < amounts.size(); ++k) sums[k] += amounts[k];
    }
  }
  return sum;
}

}  // namespace strobe::dram
