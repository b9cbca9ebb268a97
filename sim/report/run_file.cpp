#include "sim/report/run_file.h"

#include "sim/report/board.h"
#include "sim/report/columns.h"
#include "sim/report/energy.h"
#include "sim/report/hdf5_file.h"
#include "sim/report/intervals.h"
#include "sim/report/kernel_columns.h"
#include "sim/report/nsight.h"

namespace strobe::report {
namespace {

using device::CopyResult;
using device::KernelResult;
using device::RunResult;

std::int64_t ps(Instant at) {
  return at.since_start().count();
}

double seconds(Picoseconds duration) {
  return static_cast<double>(duration.count()) * 1e-12;
}

// Warp instructions a second that all sub-partitions of all SMs together can issue.
double issue_peak(const device::GpuSpec& gpu) {
  return static_cast<double>(gpu.sm.clock.count()) * 1e3 * gpu.sms * gpu.sm.sub_partitions;
}

void write_launches(Columns<KernelResult>& kernels) {
  kernels.add({"name", "1", "kernel name, mangled as in the trace"},
              [](const KernelResult& k) { return k.name; });
  kernels.add({"file", "1", "trace file of the kernel"},
              [](const KernelResult& k) { return k.file; });
  kernels.add({"id", "1", "kernel id of the trace"}, [](const KernelResult& k) { return k.id; });
  constexpr std::array<const char*, 3> kAxes{"x", "y", "z"};
  for (std::size_t axis = 0; axis < kAxes.size(); ++axis) {
    const std::string letter = kAxes[axis];
    kernels.add({"grid_" + letter, "1", "CTAs along " + letter},
                [axis](const KernelResult& k) { return k.grid[axis]; });
    kernels.add({"block_" + letter, "1", "threads of a CTA along " + letter},
                [axis](const KernelResult& k) { return k.block[axis]; });
  }
  kernels.add({"registers", "1", "32-bit registers of a thread", "launch__registers_per_thread"},
              [](const KernelResult& k) { return k.registers; });
  kernels.add({"shared_bytes", "B", "shared memory of a CTA"},
              [](const KernelResult& k) { return k.shared_bytes; });
  kernels.add({"ctas_per_sm", "1", "CTAs that an SM can hold"},
              [](const KernelResult& k) { return k.occupancy.ctas_per_sm; });
  kernels.add({"warps_per_cta", "1", "warps of a CTA"},
              [](const KernelResult& k) { return k.occupancy.warps_per_cta; });
  kernels.add({"occupancy_limit", "1", "what keeps an SM from holding another CTA"},
              [](const KernelResult& k) { return k.occupancy.limit; });
  kernels.add({"start_ps", "ps", "dispatch of the first CTA; the launch latency lies before"},
              [](const KernelResult& k) { return ps(k.start); });
  kernels.add({"end_ps", "ps", "report of the last CTA"},
              [](const KernelResult& k) { return ps(k.end); });
  kernels.add({"shares", "1", "equal shares of the machine of which one stands for all"},
              [](const KernelResult& k) { return k.left_out.shares; });
  kernels.add({"left_out_ctas", "1", "CTAs that sampling left out, of a layer's kernel"},
              [](const KernelResult& k) { return k.left_out.ctas; });
  kernels.add({"left_out_rounds", "1", "rounds of the main loop left out of each simulated CTA"},
              [](const KernelResult& k) { return k.left_out.rounds; });
  kernels.add({"left_out_ps", "ps", "what both would have taken, not between start_ps and end_ps"},
              [](const KernelResult& k) { return k.left_out.time.count(); });
  kernels.add({"left_out_spread", "1", "how much the waves differ whose time was taken for that"},
              [](const KernelResult& k) { return k.left_out.spread; });
}

// Values of a second dimension for each kernel, `value(kernel, i)` for i below `size`.
template <class Value>
std::vector<std::int64_t> table_of(const RunResult& result, std::size_t size, Value value) {
  std::vector<std::int64_t> values;
  values.reserve(result.kernels.size() * size);
  for (const KernelResult& kernel : result.kernels) {
    for (std::size_t i = 0; i < size; ++i) {
      values.push_back(static_cast<std::int64_t>(value(kernel, i)));
    }
  }
  return values;
}

void write_stalls(Hdf5Group& group, const RunResult& result) {
  name_dimension(group, {"warp_state", "1", "what a resident warp does, as Nsight Compute has it"},
                 stats::kWarpStates);
  name_dimension(group, {"stall_cause", "1", "where the last sector to return was meanwhile"},
                 stats::kCauses);
  const auto states = table_of(result, stats::kWarpStateCount, [](const auto& k, std::size_t i) {
    return k.stalls.by_state[i].count();
  });
  const auto causes = table_of(result, stats::kCauseCount, [](const auto& k, std::size_t i) {
    return k.stalls.by_cause[i].count();
  });
  group.variable({"warp_time_ps", "ps", "warps times time in each state; adds up to resident_ps"},
                 {"kernel", "warp_state"}, std::span<const std::int64_t>(states));
  group.variable({"memory_wait_ps", "ps",
                  "warps times time charged to each cause; adds up to long_scoreboard, "
                  "lg_throttle, membar and drain of warp_time_ps"},
                 {"kernel", "stall_cause"}, std::span<const std::int64_t>(causes));
}

void write_latencies(Hdf5Group& group, const RunResult& result) {
  latency_dimension(group);
  const auto counts =
      table_of(result, stats::LatencyHistogram::kBins,
               [](const auto& k, std::size_t bin) { return k.load_latency.in_bin(bin); });
  group.variable({"load_latency_count", "1", "what returns data by latency, issue to last sector"},
                 {"kernel", "latency_bin"}, std::span<const std::int64_t>(counts));
}

void write_kernels(Hdf5File& file, const RunResult& result, const device::GpuSpec& gpu,
                   const Limits& limits) {
  Hdf5Group group = file.group("kernels");
  number_dimension(group, {"kernel", "1", "kernel launch, in order"}, result.kernels.size());
  Columns<KernelResult> kernels(group, "kernel", result.kernels);
  write_launches(kernels);

  std::vector<Derived> derived;
  for (const KernelResult& kernel : result.kernels) {
    const Figures figures = figures_of(kernel, gpu);
    derived.push_back({figures, bound_of(figures, limits)});
  }
  Columns<Derived> columns(group, "kernel", derived);
  add_bandwidths(columns, limits);
  add_derived(columns);

  write_stalls(group, result);
  write_latencies(group, result);
  kernels.add({"dram_time_ps", "ps",
               "for which the DRAM's counters and energy were counted: from the end of the step "
               "before until its own last write-back"},
              [](const KernelResult& k) { return k.dram_time.count(); });
  add_counted(kernels, gpu);
  add_board(kernels, [&gpu](const KernelResult& k) { return board_figures(k, gpu); });
}

// In the profiler's units, under the profiler's names.
void write_nsight(Hdf5File& file, const RunResult& result, const device::GpuSpec& gpu) {
  Hdf5Group group = file.group("nsight");
  number_dimension(group, {"kernel", "1", "kernel launch, in order"}, result.kernels.size());
  std::vector<std::vector<NsightMetric>> rows;
  for (const KernelResult& kernel : result.kernels) rows.push_back(nsight_metrics(kernel, gpu));
  const std::vector<NsightMetric> metrics = nsight_metrics({}, gpu);
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    std::vector<double> values;
    for (const auto& row : rows) values.push_back(row[i].value);
    const std::string& unit = metrics[i].unit;
    group.variable({metrics[i].name, unit.empty() ? "1" : unit, metrics[i].meaning}, {"kernel"},
                   std::span<const double>(values));
  }
}

void write_copies(Hdf5File& file, const RunResult& result) {
  Hdf5Group group = file.group("copies");
  number_dimension(group, {"copy", "1", "copy between host and device, in order"},
                   result.copies.size());
  Columns<CopyResult> copies(group, "copy", result.copies);
  copies.add({"address", "1", "first byte on the device"},
             [](const CopyResult& c) { return c.address; });
  copies.add({"bytes", "B", "bytes copied"}, [](const CopyResult& c) { return c.bytes; });
  copies.add({"to_host", "1", "1 when the device's bytes went to the host, 0 the other way"},
             [](const CopyResult& c) { return c.to_host; });
  copies.add({"over_link", "1", "1 when it crossed the host link, 0 on unified memory"},
             [](const CopyResult& c) { return c.over_link; });
  copies.add({"start_ps", "ps", "start of the copy"},
             [](const CopyResult& c) { return ps(c.start); });
  copies.add({"end_ps", "ps", "end of the copy"}, [](const CopyResult& c) { return ps(c.end); });
  copies.add({"time", "s", "from start to end"},
             [](const CopyResult& c) { return seconds(c.end - c.start); });
}

template <class Counters, std::size_t N>
Hdf5Group write_component(Hdf5File& file, const Label& dimension,
                          const std::vector<Counters>& components,
                          const stats::Described<Counters> (&table)[N]) {
  Hdf5Group group = file.group("components/" + dimension.name);
  number_dimension(group, dimension, components.size());
  Columns<Counters> columns(group, dimension.name, components);
  columns.add_counters("", table, [](const Counters& c) -> const Counters& { return c; });
  return group;
}

void write_channels(Hdf5File& file, const RunResult& result, const device::GpuSpec& gpu) {
  Hdf5Group group = write_component(file, {"dram_channel", "1", "DRAM channel"}, result.channels,
                                    dram::kCounters);
  Columns<dram::Counters> channels(group, "dram_channel", result.channels);
  add_energy(channels, "", [&](const dram::Counters& counters) {
    return energy_figures(gpu.memory.part, 1, counters, result.dram_time);
  });
}

}  // namespace

void write_run_file(const std::filesystem::path& path, const RunResult& result,
                    const device::GpuSpec& gpu, const Limits& limits,
                    const Provenance& provenance) {
  Hdf5File file;
  file.attribute("title", "Replay of a GPU kernel trace");
  file.attribute("schema", "strobe-run");
  file.attribute("schema_version", "1.1");
  file.attribute("gpu", gpu.name);
  file.attribute("gpu_title", gpu.title);
  file.attribute("memory_kind", gpu.memory_kind);
  file.attribute("end_ps", ps(result.end));
  file.attribute("events", static_cast<std::int64_t>(result.events));
  file.attribute("dram_commands_checked", static_cast<std::int64_t>(result.dram_check.commands));
  file.attribute("dram_rule_violations", static_cast<std::int64_t>(result.dram_check.violations));
  file.attribute("dram_peak_bandwidth", per_second(limits.peaks.dram));
  file.attribute("dram_bound_bandwidth", per_second(limits.dram_to_sms.bandwidth));
  file.attribute("l2_peak_bandwidth", per_second(limits.peaks.l2));
  file.attribute("l2_bound_bandwidth", per_second(limits.l2_to_sms.bandwidth));
  file.attribute("issue_peak", issue_peak(gpu));
  file.attribute("sm_clock", static_cast<double>(gpu.sm.clock.count()) * 1e3);
  write_provenance(file, provenance);
  write_kernels(file, result, gpu, limits);
  write_nsight(file, result, gpu);
  write_copies(file, result);
  write_intervals(file, result);
  { file.group("components"); }
  write_component(file, {"sm", "1", "streaming multiprocessor"}, result.sms, sm::kCounterTable);
  write_component(file, {"l2_slice", "1", "L2 slice"}, result.slices, l2::kCounterTable);
  write_component(file, {"slc_bank", "1", "bank of the system-level cache, if there is one"},
                  result.system_caches, l2::kSystemCacheTable);
  write_channels(file, result, gpu);
  write_config(file, gpu.sources);
  file.commit(path);
}

}  // namespace strobe::report
