#include "sim/report/memory_rows.h"

#include <fmt/format.h>

#include <array>
#include <limits>

namespace strobe::report {
namespace {

using dram::Direction;

constexpr double kNotANumber = std::numeric_limits<double>::quiet_NaN();

// A sink is Columns for many runs or Fields for one.
template <class Sink>
void write_totals(Sink& runs) {
  runs.add({"time", "s", "from the start to the end of the last data"}, time_of);
  runs.add({"offered_bandwidth", "B s-1",
            "load at which the requests were offered; NaN when as fast as taken, or at the "
            "trace's times"},
           [](const MemoryRun& r) {
             return r.offered ? static_cast<double>(r.offered->count()) : kNotANumber;
           });
  runs.add({"read_bandwidth", "B s-1", "bytes read over the time"},
           [](const MemoryRun& r) { return bandwidth(r.result.bytes_read, r); });
  runs.add({"write_bandwidth", "B s-1", "bytes written over the time"},
           [](const MemoryRun& r) { return bandwidth(r.result.bytes_written, r); });
  runs.add({"share_of_pins", "1", "both over the peak of the pins"},
           [](const MemoryRun& r) { return bandwidth(bytes_moved(r), r) / peak_of(r); });
  runs.add({"requests", "1", "requests of the trace"},
           [](const MemoryRun& r) { return r.result.requests; });
  runs.add({"bytes_read", "B", "bytes read, in whole bursts"},
           [](const MemoryRun& r) { return r.result.bytes_read.count(); });
  runs.add({"bytes_written", "B", "bytes written, in whole bursts"},
           [](const MemoryRun& r) { return r.result.bytes_written.count(); });
  runs.add({"lines_read", "1", "requests for data by line, as the channels were asked for them"},
           [](const MemoryRun& r) { return r.result.finished[0]; });
  runs.add({"lines_written", "1", "the same of writes"},
           [](const MemoryRun& r) { return r.result.finished[1]; });
  runs.add({"check_bytes", "B", "bytes of inline ECC's check bits, read and written"},
           [](const MemoryRun& r) { return r.result.check_bytes.count(); });
  runs.add({"finish_ps", "ps", "end of the last data"},
           [](const MemoryRun& r) { return r.result.finish.since_start().count(); });
  runs.add({"violations", "1", "timing rules that the command checker saw broken; 0 unless asked"},
           [](const MemoryRun& r) { return r.result.violations; });
}

template <class Sink>
void write_latencies(Sink& runs) {
  runs.add(
      {"read_latency_mean", "s", "mean of reads, from the controller's queue to the last data"},
      [](const MemoryRun& r) { return mean_latency(r.result.read_latency); });
  runs.add({"read_latency_median_ps", "ps", "half of them took no longer; a bin's upper edge"},
           [](const MemoryRun& r) { return r.result.read_latency.percentile(0.5).count(); });
  runs.add({"read_latency_p99_ps", "ps", "99 % of them took no longer; a bin's upper edge"},
           [](const MemoryRun& r) { return r.result.read_latency.percentile(0.99).count(); });
  runs.add({"read_latency_max_ps", "ps", "longest of those"},
           [](const MemoryRun& r) { return r.result.read_latency.max().count(); });
}

void write_histograms(Hdf5Group& group, std::string_view dimension,
                      std::span<const MemoryRun> rows) {
  latency_dimension(group);
  std::vector<std::int64_t> counts;
  for (const MemoryRun& row : rows) {
    for (std::size_t bin = 0; bin < stats::LatencyHistogram::kBins; ++bin) {
      counts.push_back(static_cast<std::int64_t>(row.result.read_latency.in_bin(bin)));
    }
  }
  group.variable(
      {"read_latency_count", "1", "reads by latency, from the controller's queue to the last data"},
      {dimension, "latency_bin"}, std::span<const std::int64_t>(counts));
}

void write_waits(Hdf5Group& group, std::string_view dimension, std::span<const MemoryRun> rows) {
  std::vector<std::string> causes;
  for (const Bar& wait : waits_of({}, Direction::read)) causes.emplace_back(wait.name);
  group.coordinate({"stall_cause", "1", "what a request waited for"},
                   std::span<const std::string>(causes));
  const auto write = [&](const Label& label, Direction direction) {
    std::vector<std::int64_t> times;
    for (const MemoryRun& row : rows) {
      for (const Bar& wait : waits_of(row.result, direction)) times.push_back(wait.amount);
    }
    group.variable(label, {dimension, "stall_cause"}, std::span<const std::int64_t>(times));
  };
  write(
      {"read_time_ps", "ps", "reads times time charged to each cause; adds up to their latencies"},
      Direction::read);
  write({"write_time_ps", "ps", "writes times time charged to each cause"}, Direction::write);
}

}  // namespace

double seconds(Picoseconds duration) {
  return static_cast<double>(duration.count()) * 1e-12;
}

double time_of(const MemoryRun& run) {
  return seconds(run.result.finish.since_start());
}

double bandwidth(Bytes bytes, const MemoryRun& run) {
  return static_cast<double>(bytes.count()) / time_of(run);
}

double mean_latency(const stats::LatencyHistogram& latencies) {
  if (latencies.count() == 0) return kNotANumber;
  return seconds(latencies.sum()) / static_cast<double>(latencies.count());
}

EnergyFigures energy_of(const MemoryRun& run) {
  return energy_figures(run.part, run.channels, run.result.counters,
                        run.result.finish.since_start());
}

std::vector<Bar> waits_of(const dram::ReplayResult& result, Direction direction) {
  const auto& stages = result.stages[static_cast<std::size_t>(direction)];
  std::vector<Bar> waits;
  for (std::size_t i = 0; i < stages.size(); ++i) {
    const stats::CauseName& cause = stats::kCauses[stats::StageTimes::kFirst + i];
    if (cause.name.starts_with("dram.")) {
      waits.push_back({cause.name, cause.meaning, stages[i].count()});
    }
  }
  return waits;
}

std::string memory_heading(const MemoryRun& run, const TextStyle& style) {
  return heading(fmt::format("{}: {}, {} channels, {}", run.part.name, run.part.standard,
                             run.channels, bandwidth_text(peak_of(run))),
                 style);
}

void write_part_attributes(Hdf5File& file, const MemoryRun& run) {
  file.attribute("part", run.part.name);
  file.attribute("standard", run.part.standard);
  file.attribute("channels", std::int64_t{run.channels});
  file.attribute("dram_peak_bandwidth", peak_of(run));
}

void write_memory_rows(Hdf5Group& group, std::string_view dimension,
                       std::span<const MemoryRun> rows) {
  Columns<MemoryRun> runs(group, dimension, rows);
  write_totals(runs);
  write_latencies(runs);
  add_energy(runs, "", energy_of);
  runs.add_counters(
      "", dram::kCounters, [](const MemoryRun& r) -> const auto& { return r.result.counters; });
  write_histograms(group, dimension, rows);
  write_waits(group, dimension, rows);
}

RunFields fields_of(const MemoryRun& run) {
  RunFields all;
  Fields<MemoryRun> fields(all, run);
  write_totals(fields);
  write_latencies(fields);
  fields.add_counters(
      "", dram::kCounters, [](const MemoryRun& r) -> const auto& { return r.result.counters; });
  add_energy(fields, "", energy_of);
  std::vector<std::string> causes;
  std::array<std::vector<double>, dram::kDirectionCount> times;
  for (const Bar& wait : waits_of(run.result, Direction::read)) {
    causes.emplace_back(wait.name);
    times[0].push_back(static_cast<double>(wait.amount));
  }
  for (const Bar& wait : waits_of(run.result, Direction::write)) {
    times[1].push_back(static_cast<double>(wait.amount));
  }
  add_inner(all, {"stall_cause", "1", "what a request waited for"}, causes);
  add_along(all, {"read_time_ps", "ps", "reads times time charged to each cause"}, times[0]);
  add_along(all, {"write_time_ps", "ps", "writes times time charged to each cause"}, times[1]);
  return all;
}

}  // namespace strobe::report
