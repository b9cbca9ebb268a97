#include "sim/device/channel_over_time.h"

#include <algorithm>

namespace strobe::device {

void ChannelOverTime::served(Instant arrived, Instant data_end) {
  request_time_.add_time(arrived, data_end);
  last_served_ = std::max(last_served_, data_end);
  const std::int64_t interval = row_hits_.interval().count();
  due_ = Instant(Picoseconds((last_served_.since_start().count() / interval + 1) * interval));
}

void ChannelOverTime::look_at(const std::vector<dram::BankCounters>& banks) {
  std::uint64_t hits = 0, misses = 0;
  for (const dram::BankCounters& bank : banks) {
    hits += bank.row_hits;
    misses += bank.row_misses + bank.row_conflicts;
  }
  row_hits_.add(last_served_, hits - hits_seen_);
  row_misses_.add(last_served_, misses - misses_seen_);
  hits_seen_ = hits;
  misses_seen_ = misses;
}

}  // namespace strobe::device
