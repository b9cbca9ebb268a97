#include "sim/device/machine_share.h"

#include "sim/base/check.h"

namespace strobe::device {
namespace {

template <class Counters, std::size_t N>
void multiply(Counters& counters, const stats::Described<Counters> (&table)[N],
              std::uint32_t shares) {
  for (const auto& row : table) counters.*row.counter *= shares;
}

void multiply(std::vector<std::uint64_t>& amounts, std::uint32_t shares) {
  for (std::uint64_t& amount : amounts) amount *= shares;
}

template <class Component>
void repeat(std::vector<Component>& components, std::uint32_t shares) {
  const std::size_t of_share = components.size();
  components.reserve(of_share * shares);
  while (components.size() < of_share * shares) {
    components.push_back(components[components.size() - of_share]);
  }
}

void multiply(stats::StallTimes& stalls, std::uint32_t shares) {
  const stats::StallTimes one = stalls;
  for (std::uint32_t i = 1; i < shares; ++i) stalls.add(one);
}

void multiply(stats::LatencyHistogram& latencies, std::uint32_t shares) {
  const stats::LatencyHistogram one = latencies;
  for (std::uint32_t i = 1; i < shares; ++i) latencies.add(one);
}

}  // namespace

bool can_be_shared(const GpuSpec& gpu, std::uint32_t shares) {
  const std::uint32_t sides = gpu.l2.crossing ? 2 : 1;
  return gpu.sms % shares == 0 && gpu.slices % shares == 0 &&
         gpu.memory.channels % (shares * sides) == 0;
}

GpuSpec share_of(const GpuSpec& gpu, std::uint32_t shares) {
  STROBE_CHECK(can_be_shared(gpu, shares));
  GpuSpec share = gpu;
  share.sms /= shares;
  share.slices /= shares;
  share.memory.channels /= shares;
  share.memory.capacity /= shares;
  if (share.memory.link) {
    BytesPerSecond& bandwidth = share.memory.link->bandwidth;
    bandwidth = BytesPerSecond(bandwidth.count() / shares);
  }
  // The dispatcher serves every share in turn.
  share.dispatch.cta_interval = gpu.dispatch.cta_interval * shares;
  return share;
}

RunResult whole_of(RunResult result, std::uint32_t shares) {
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
  repeat(result.sms, shares);
  repeat(result.slices, shares);
  repeat(result.system_caches, shares);
  repeat(result.channels, shares);
  repeat(result.series.channel_read_bytes, shares);
  repeat(result.series.channel_write_bytes, shares);
  repeat(result.series.channel_request_ps, shares);
  SeriesResult& series = result.series;
  for (auto* sums :
       {&series.row_hits, &series.row_misses, &series.l2_read_sectors, &series.l2_read_sector_hits,
        &series.l1_load_sectors, &series.l1_load_sector_hits}) {
    multiply(*sums, shares);
  }
  for (stats::StallTimes& stalls : series.stalls) multiply(stalls, shares);
  result.dram_check.commands *= shares;
  result.dram_check.violations *= shares;
  return result;
}

}  // namespace strobe::device
