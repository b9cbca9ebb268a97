#pragma once

// What a DRAM channel keeps over time beside its bytes, when it is asked to: how many requests are
// at it, and how many of them found their row open.

#include <cstdint>
#include <vector>

#include "sim/model/dram/counters.h"
#include "sim/stats/series.h"

namespace strobe::device {

class ChannelOverTime {
 public:
  // A request was at the channel from `arrived` until the last of its data.
  void served(Instant arrived, Instant data_end);

  // Whether the banks are to be looked at before a request is noted that ends at `data_end`: once
  // an interval.
  bool is_due(Instant data_end) const { return data_end >= due_; }
  // What the banks have counted since the last look goes to the interval of the last request.
  void look_at(const std::vector<dram::BankCounters>& banks);

  const stats::Series& request_time() const { return request_time_; }  // ps
  const stats::Series& row_hits() const { return row_hits_; }
  const stats::Series& row_misses() const { return row_misses_; }  // bank closed or on another row

 private:
  stats::Series request_time_, row_hits_, row_misses_;
  std::uint64_t hits_seen_ = 0, misses_seen_ = 0;
  Instant last_served_, due_{Picoseconds(stats::Series::kFirstInterval)};
};

}  // namespace strobe::device
