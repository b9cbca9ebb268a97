// What a machine did over time: the series that its components kept, brought to one interval and
// length.

#include <algorithm>

#include "sim/device/machine.h"

namespace strobe::device {

namespace {

using Rows = std::vector<std::vector<std::uint64_t>>;

// The series of all components, one after another of each kind.
struct Gathered {
  std::vector<stats::Series> read_bytes, write_bytes, request_time, row_hits, row_misses;
  std::vector<stats::Series> l2_sectors, l2_hits, l1_sectors, l1_hits;
  stats::StallSeries stalls;
  std::vector<dram::ShareSeries> energies;

  auto all() {
    return std::array{&read_bytes, &write_bytes, &request_time, &row_hits, &row_misses,
                      &l2_sectors, &l2_hits,     &l1_sectors,   &l1_hits};
  }
};

Gathered gather(std::vector<Partition>& partitions, Instant until) {
  Gathered found;
  for (Partition& partition : partitions) {
    for (MemoryChannel& channel : partition.channels) {
      found.read_bytes.push_back(channel.read_bytes());
      found.write_bytes.push_back(channel.write_bytes());
      if (const auto* energy = channel.energy(until)) found.energies.push_back(*energy);
      const ChannelOverTime* over_time = channel.over_time();
      if (over_time == nullptr) continue;
      found.request_time.push_back(over_time->request_time());
      found.row_hits.push_back(over_time->row_hits());
      found.row_misses.push_back(over_time->row_misses());
    }
    for (const l2::Slice& slice : partition.slices) {
      found.l2_sectors.push_back(slice.read_sectors());
      found.l2_hits.push_back(slice.read_sector_hits());
    }
    for (const sm::Sm& sm : partition.sms) {
      if (!sm.over_time()) continue;
      found.stalls.add(sm.over_time()->stalls);
      found.l1_sectors.push_back(sm.over_time()->load_sectors);
      found.l1_hits.push_back(sm.over_time()->load_sector_hits);
    }
  }
  return found;
}

// Brings all to the widest interval of any and returns the number of intervals.
std::size_t align(Gathered& found, SeriesResult& result) {
  Picoseconds& interval = result.interval;
  interval = found.stalls.interval();
  for (const auto* kind : found.all()) {
    for (const stats::Series& series : *kind) interval = std::max(interval, series.interval());
  }
  result.dram_energy = dram::sum_of(std::move(found.energies), interval);
  interval = result.dram_energy.interval;
  found.stalls.widen_to(interval);
  std::size_t length = found.stalls.rows().size();
  for (const auto& share : result.dram_energy.femtojoules) length = std::max(length, share.size());
  for (auto* kind : found.all()) {
    for (stats::Series& series : *kind) {
      series.widen_to(interval);
      length = std::max(length, series.amounts().size());
    }
  }
  return length;
}

Rows padded(const std::vector<stats::Series>& kind, std::size_t length) {
  Rows rows;
  for (const stats::Series& series : kind) {
    rows.push_back(series.amounts());
    rows.back().resize(length);
  }
  return rows;
}

std::vector<std::uint64_t> summed(const std::vector<stats::Series>& kind, std::size_t length) {
  if (kind.empty()) return {};
  std::vector<std::uint64_t> sum(length);
  for (const stats::Series& series : kind) {
    for (std::size_t i = 0; i < series.amounts().size(); ++i) sum[i] += series.amounts()[i];
  }
  return sum;
}

}  // namespace

SeriesResult Machine::collect_series() {
  SeriesResult result;
  Gathered found = gather(partitions_, quiet_from_);
  const std::size_t length = align(found, result);
  result.channel_read_bytes = padded(found.read_bytes, length);
  result.channel_write_bytes = padded(found.write_bytes, length);
  result.channel_request_ps = padded(found.request_time, length);
  result.row_hits = summed(found.row_hits, length);
  result.row_misses = summed(found.row_misses, length);
  result.l2_read_sectors = summed(found.l2_sectors, length);
  result.l2_read_sector_hits = summed(found.l2_hits, length);
  result.l1_load_sectors = summed(found.l1_sectors, length);
  result.l1_load_sector_hits = summed(found.l1_hits, length);
  if (!found.l1_sectors.empty()) {
    result.stalls = found.stalls.rows();
    result.stalls.resize(length);
  }
  return result;
}

}  // namespace strobe::device
