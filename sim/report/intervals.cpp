#include "sim/report/intervals.h"

#include <algorithm>
#include <span>
#include <vector>

#include "sim/report/columns.h"
#include "sim/report/power_rows.h"

namespace strobe::report {
namespace {

using device::RunResult;
using device::SeriesResult;
using Amounts = std::vector<std::uint64_t>;

double seconds(Picoseconds duration) {
  return static_cast<double>(duration.count()) * 1e-12;
}

// What was counted in interval `i`; a component that fell silent early has a shorter row.
std::uint64_t amount(const Amounts& row, std::size_t i) {
  return i < row.size() ? row[i] : 0;
}

std::size_t interval_count(const SeriesResult& series) {
  std::size_t count = std::max(series.l2_read_sectors.size(), series.l2_read_sector_hits.size());
  for (const Amounts& row : series.channel_read_bytes) count = std::max(count, row.size());
  for (const Amounts& row : series.channel_write_bytes) count = std::max(count, row.size());
  for (const Amounts& row : series.dram_energy.femtojoules) count = std::max(count, row.size());
  return std::max(count, series.stalls.size());
}

// A table over time and channels: `scale` times what was counted, over the interval's length.
void write_by_channel(Hdf5Group& group, const Label& label, const std::vector<Amounts>& counted,
                      std::span<const double> lengths, double scale) {
  std::vector<double> values;
  values.reserve(lengths.size() * counted.size());
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    for (const Amounts& row : counted) {
      values.push_back(static_cast<double>(amount(row, i)) * scale / lengths[i]);
    }
  }
  group.variable(label, {"time", "channel"}, std::span<const double>(values));
}

// What share `part` is of `whole`, NaN where there was nothing.
void write_share(Hdf5Group& group, const Label& label, const Amounts& part, const Amounts& whole,
                 std::size_t count) {
  std::vector<double> shares;
  for (std::size_t i = 0; i < count; ++i) {
    shares.push_back(static_cast<double>(amount(part, i)) / static_cast<double>(amount(whole, i)));
  }
  group.variable(label, {"time"}, std::span<const double>(shares));
}

void write_amounts(Hdf5Group& group, const Label& label, const Amounts& amounts,
                   std::size_t count) {
  std::vector<std::int64_t> values;
  for (std::size_t i = 0; i < count; ++i) {
    values.push_back(static_cast<std::int64_t>(amount(amounts, i)));
  }
  group.variable(label, {"time"}, std::span<const std::int64_t>(values));
}

void write_channels(Hdf5Group& group, const SeriesResult& series, std::span<const double> lengths) {
  std::vector<Amounts> requests = series.channel_request_ps;
  requests.resize(series.channel_read_bytes.size());
  number_dimension(group, {"channel", "1", "DRAM channel"}, series.channel_read_bytes.size());
  write_by_channel(group, {"dram_read_bandwidth", "B s-1", "bytes read over the interval"},
                   series.channel_read_bytes, lengths, 1);
  write_by_channel(group, {"dram_write_bandwidth", "B s-1", "bytes written over the interval"},
                   series.channel_write_bytes, lengths, 1);
  write_by_channel(group,
                   {"dram_queue_depth", "1",
                    "requests of up to four bursts at the channel, from arrival to last data, mean "
                    "over the interval"},
                   requests, lengths, 1e-12);
}

void write_hit_rates(Hdf5Group& group, const SeriesResult& series, std::size_t count) {
  Amounts requests = series.row_hits;
  for (std::size_t i = 0; i < requests.size(); ++i) requests[i] += amount(series.row_misses, i);
  write_amounts(group, {"dram_row_requests", "1", "DRAM requests that found or opened their row"},
                requests, count);
  write_share(group, {"dram_row_hit_rate", "1", "share of those that found it open"},
              series.row_hits, requests, count);
  write_amounts(group, {"l2_read_sectors", "1", "sectors that SMs read from the L2"},
                series.l2_read_sectors, count);
  write_share(group, {"l2_read_hit_rate", "1", "share of those that were in the L2"},
              series.l2_read_sector_hits, series.l2_read_sectors, count);
  write_amounts(group, {"l1_load_sectors", "1", "sectors asked of L1s by global loads"},
                series.l1_load_sectors, count);
  write_share(group, {"l1_hit_rate", "1", "share of those that were in the L1"},
              series.l1_load_sector_hits, series.l1_load_sectors, count);
}

// A table over time and the entries of one of the two levels of stalls.
template <std::size_t N>
std::vector<std::int64_t> stall_table(const std::vector<stats::StallTimes>& stalls,
                                      std::size_t count,
                                      std::array<Picoseconds, N> stats::StallTimes::*level) {
  std::vector<std::int64_t> values;
  values.reserve(count * N);
  for (std::size_t i = 0; i < count; ++i) {
    const stats::StallTimes times = i < stalls.size() ? stalls[i] : stats::StallTimes{};
    for (const Picoseconds time : times.*level) values.push_back(time.count());
  }
  return values;
}

void write_stalls(Hdf5Group& group, const SeriesResult& series, std::size_t count) {
  name_dimension(group, {"warp_state", "1", "what a resident warp does, as Nsight Compute has it"},
                 stats::kWarpStates);
  name_dimension(group, {"stall_cause", "1", "where the last sector to return was meanwhile"},
                 stats::kCauses);
  const auto states = stall_table(series.stalls, count, &stats::StallTimes::by_state);
  const auto causes = stall_table(series.stalls, count, &stats::StallTimes::by_cause);
  group.variable({"warp_time_ps", "ps",
                  "warps times time in each state within the interval; all intervals add up to "
                  "all kernels"},
                 {"time", "warp_state"}, std::span<const std::int64_t>(states));
  group.variable({"memory_wait_ps", "ps",
                  "warps times time charged to each cause within the interval; adds up to "
                  "long_scoreboard, lg_throttle, membar and drain of warp_time_ps"},
                 {"time", "stall_cause"}, std::span<const std::int64_t>(causes));
}

}  // namespace

void write_intervals(Hdf5File& file, const RunResult& result) {
  const SeriesResult& series = result.series;
  const std::size_t count = interval_count(series);
  const std::vector<double> lengths = interval_lengths(count, series.interval, result.end);
  Hdf5Group group = file.group("intervals");
  std::vector<double> starts;
  for (std::size_t i = 0; i < count; ++i) {
    starts.push_back(static_cast<double>(i) * seconds(series.interval));
  }
  group.coordinate({"time", "s", "start of the interval"}, std::span<const double>(starts));
  group.variable({"length", "s", "length of the interval; the last one ends with the run"},
                 {"time"}, std::span<const double>(lengths));
  write_channels(group, series, lengths);
  write_hit_rates(group, series, count);
  if (!series.dram_energy.femtojoules[0].empty()) write_power(group, series.dram_energy, lengths);
  write_stalls(group, series, count);
}

}  // namespace strobe::report
