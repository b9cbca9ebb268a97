#include "sim/device/machine_share.h"

#include <algorithm>
#include <cmath>

#include "sim/base/check.h"
#include "sim/wire/message.h"

namespace strobe::device {
namespace {

// How the components of a share become those of the whole, which may be more or fewer than as many
// times as many.
struct Repeats {
  std::size_t of_share, shares, whole;

  void even_out(std::uint64_t& count) const {
    if (of_share * shares != whole) count = count * of_share * shares / whole;
  }
};

template <class Counters, std::size_t N>
void multiply(Counters& counters, const stats::Described<Counters> (&table)[N],
              std::uint32_t shares) {
  for (const auto& row : table) counters.*row.counter *= shares;
}

void multiply(std::vector<std::uint64_t>& amounts, std::uint32_t shares) {
  for (std::uint64_t& amount : amounts) amount *= shares;
}

// Of each of `whole` components as much as makes up the same sum.
template <class Counters, std::size_t N>
void repeat(std::vector<Counters>& components, const stats::Described<Counters> (&table)[N],
            const Repeats& repeats) {
  std::vector<Counters> all;
  for (std::size_t i = 0; i < repeats.whole; ++i) {
    all.push_back(components[i % components.size()]);
    for (const auto& row : table) repeats.even_out(all.back().*row.counter);
  }
  components = std::move(all);
}

void repeat(std::vector<std::vector<std::uint64_t>>& series, const Repeats& repeats) {
  std::vector<std::vector<std::uint64_t>> all;
  for (std::size_t i = 0; i < repeats.whole; ++i) {
    all.push_back(series[i % series.size()]);
    for (std::uint64_t& amount : all.back()) repeats.even_out(amount);
  }
  series = std::move(all);
}

void multiply(stats::StallTimes& stalls, std::uint32_t shares) {
  const stats::StallTimes one = stalls;
  for (std::uint32_t i = 1; i < shares; ++i) stalls.add(one);
}

void multiply(stats::LatencyHistogram& latencies, std::uint32_t shares) {
  const stats::LatencyHistogram one = latencies;
  for (std::uint32_t i = 1; i < shares; ++i) latencies.add(one);
}

// Whole ones, as many on either side of the L2 where it has two.
std::uint32_t channels_of_share(const GpuSpec& gpu, std::uint32_t shares) {
  const std::uint32_t sides = gpu.l2.crossing ? 2 : 1;
  const std::uint32_t divisor = shares * sides;
  return std::max((gpu.memory.channels + divisor / 2) / divisor, 1U) * sides;
}

// How much faster than the whole's the share's channels have to be to make up for being too few.
double pace_of_channels(const GpuSpec& gpu, std::uint32_t shares) {
  return static_cast<double>(gpu.memory.channels) /
         static_cast<double>(std::uint64_t{channels_of_share(gpu, shares)} * shares);
}

// Of a number that there is a whole number of `units` of.
template <class Integer>
Integer at_pace(Integer number, double pace, Integer unit = 1) {
  const double units = static_cast<double>(number) / static_cast<double>(unit) * pace;
  return std::max(static_cast<Integer>(std::llround(units)), Integer{1}) * unit;
}

// What a cache holds, has under way and moves in a second.
void set_pace(l2::Spec& cache, double pace) {
  const auto set = static_cast<std::int64_t>(wire::kLineBytes) * cache.ways;
  cache.capacity = Bytes(at_pace(cache.capacity.count(), pace, set));
  cache.clock = Kilohertz(at_pace(cache.clock.count(), pace));
  for (std::uint32_t* const limit : {&cache.miss_lines, &cache.miss_merges, &cache.write_backs}) {
    *limit = at_pace(*limit, pace);
  }
  if (cache.crossing) {
    cache.crossing->bytes_per_cycle = at_pace(cache.crossing->bytes_per_cycle, pace);
  }
}

// All that comes in as many as there are channels; times of flight stay as they are.
void set_pace(GpuSpec& share, double pace) {
  dram::PartSpec& part = share.memory.part;
  part.data_rate = dram::KilobitsPerSecond(
      at_pace<std::int64_t>(part.data_rate.count(), pace, part.beats_per_clock));
  set_pace(share.l2, pace);
  if (share.memory.system_cache) set_pace(*share.memory.system_cache, pace);
  for (std::int64_t* const width : {&share.crossbar.slice_request_bytes_per_cycle,
                                    &share.crossbar.slice_reply_bytes_per_cycle}) {
    *width = at_pace(*width, pace);
  }
}

}  // namespace

bool can_be_shared(const GpuSpec& gpu, std::uint32_t shares) {
  constexpr double kMostApart = 0.125;
  return gpu.sms % shares == 0 && gpu.slices % gpu.memory.channels == 0 &&
         std::abs(pace_of_channels(gpu, shares) - 1) <= kMostApart;
}

GpuSpec share_of(const GpuSpec& gpu, std::uint32_t shares) {
  STROBE_CHECK(can_be_shared(gpu, shares));
  GpuSpec share = gpu;
  share.sms /= shares;
  share.memory.channels = channels_of_share(gpu, shares);
  share.slices = gpu.slices / gpu.memory.channels * share.memory.channels;
  share.memory.capacity /= shares;
  if (share.memory.link) {
    BytesPerSecond& bandwidth = share.memory.link->bandwidth;
    bandwidth = BytesPerSecond(bandwidth.count() / shares);
  }
  // The dispatcher serves every share in turn.
  share.dispatch.cta_interval = gpu.dispatch.cta_interval * shares;
  const double pace = pace_of_channels(gpu, shares);
  if (pace != 1) set_pace(share, pace);
  return share;
}

RunResult whole_of(RunResult result, const GpuSpec& gpu, std::uint32_t shares) {
  for (KernelResult& kernel : result.kernels) {
    multiply(kernel.sm, sm::kCounterTable, shares);
    multiply(kernel.l2, l2::kCounterTable, shares);
    multiply(kernel.system_cache, l2::kCounterTable, shares);
    multiply(kernel.cpu, cpu::kCounterTable, shares);
    multiply(kernel.dram, dram::kCounters, shares);
    multiply(kernel.stalls, shares);
    multiply(kernel.load_latency, shares);
    kernel.left_out.shares = shares;
    kernel.left_out.ctas *= shares;
  }
  repeat(result.sms, sm::kCounterTable, {result.sms.size(), shares, gpu.sms});
  repeat(result.slices, l2::kCounterTable, {result.slices.size(), shares, gpu.slices});
  const Repeats channels{result.channels.size(), shares, gpu.memory.channels};
  if (!result.system_caches.empty()) {
    const std::size_t banks = result.system_caches.size();
    repeat(result.system_caches, l2::kCounterTable,
           {banks, shares, banks / channels.of_share * channels.whole});
  }
  repeat(result.channels, dram::kCounters, channels);
  SeriesResult& series = result.series;
  repeat(series.channel_read_bytes, channels);
  repeat(series.channel_write_bytes, channels);
  if (!series.channel_request_ps.empty()) repeat(series.channel_request_ps, channels);
  for (auto* sums :
       {&series.row_hits, &series.row_misses, &series.l2_read_sectors, &series.l2_read_sector_hits,
        &series.l1_load_sectors, &series.l1_load_sector_hits}) {
    multiply(*sums, shares);
  }
  for (auto& share : series.dram_energy.femtojoules) multiply(share, shares);
  for (stats::StallTimes& stalls : series.stalls) multiply(stalls, shares);
  result.dram_check.commands *= shares;
  result.dram_check.violations *= shares;
  return result;
}

}  // namespace strobe::device
