#include "sim/report/memory_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "sim/report/columns.h"
#include "sim/report/hdf5_file.h"

namespace strobe::report {
namespace {

double seconds(Picoseconds duration) {
  return static_cast<double>(duration.count()) * 1e-12;
}

double time_of(const MemoryRun& run) {
  return seconds(run.result.finish.since_start());
}

double bandwidth(Bytes bytes, const MemoryRun& run) {
  return static_cast<double>(bytes.count()) / time_of(run);
}

// The causes that a request can meet below the L2, with the time of all requests in each.
std::vector<Bar> waits_of(const dram::ReplayResult& result) {
  std::vector<Bar> waits;
  for (std::size_t i = 0; i < result.stages.size(); ++i) {
    const stats::CauseName& cause = stats::kCauses[stats::StageTimes::kFirst + i];
    if (cause.name.starts_with("dram.")) {
      waits.push_back({cause.name, cause.meaning, result.stages[i].count()});
    }
  }
  return waits;
}

// The file has one row, along a dimension that the files of many runs can be joined by.
void write_totals(Columns<MemoryRun>& runs) {
  runs.add({"time", "s", "from the start to the end of the last data"}, time_of);
  runs.add({"read_bandwidth", "B s-1", "bytes read over the time"},
           [](const MemoryRun& r) { return bandwidth(r.result.bytes_read, r); });
  runs.add({"write_bandwidth", "B s-1", "bytes written over the time"},
           [](const MemoryRun& r) { return bandwidth(r.result.bytes_written, r); });
  runs.add({"share_of_pins", "1", "both over the peak of the pins"}, [](const MemoryRun& r) {
    return bandwidth(r.result.bytes_read + r.result.bytes_written, r) / peak_of(r);
  });
  runs.add({"requests", "1", "requests of the trace"},
           [](const MemoryRun& r) { return r.result.requests; });
  runs.add({"bytes_read", "B", "bytes read, in whole bursts"},
           [](const MemoryRun& r) { return r.result.bytes_read.count(); });
  runs.add({"bytes_written", "B", "bytes written, in whole bursts"},
           [](const MemoryRun& r) { return r.result.bytes_written.count(); });
  runs.add({"finish_ps", "ps", "end of the last data"},
           [](const MemoryRun& r) { return r.result.finish.since_start().count(); });
  runs.add({"violations", "1", "timing rules that the command checker saw broken; 0 unless asked"},
           [](const MemoryRun& r) { return r.result.violations; });
  runs.add({"read_latency_mean", "s", "mean of reads, from the offer to the last data"},
           [](const MemoryRun& r) {
             const stats::LatencyHistogram& reads = r.result.read_latency;
             return seconds(reads.sum()) / static_cast<double>(reads.count());
           });
  runs.add({"read_latency_max_ps", "ps", "longest of those"},
           [](const MemoryRun& r) { return r.result.read_latency.max().count(); });
  runs.add_counters(
      "", dram::kCounters, [](const MemoryRun& r) -> const auto& { return r.result.counters; });
}

void write_memory(Hdf5File& file, const MemoryRun& run) {
  Hdf5Group group = file.group("memory");
  number_dimension(group, {"run", "1", "run"}, 1);
  Columns<MemoryRun> runs(group, "run", std::span(&run, 1));
  write_totals(runs);

  latency_dimension(group);
  std::vector<std::int64_t> counts;
  for (std::size_t bin = 0; bin < stats::LatencyHistogram::kBins; ++bin) {
    counts.push_back(static_cast<std::int64_t>(run.result.read_latency.in_bin(bin)));
  }
  group.variable({"read_latency_count", "1", "reads by latency, offer to last data"},
                 {"run", "latency_bin"}, std::span<const std::int64_t>(counts));

  std::vector<std::string> causes;
  std::vector<std::int64_t> times;
  for (const Bar& wait : waits_of(run.result)) {
    causes.emplace_back(wait.name);
    times.push_back(wait.amount);
  }
  group.coordinate({"stall_cause", "1", "what a request waited for"},
                   std::span<const std::string>(causes));
  group.variable({"request_time_ps", "ps", "requests times time charged to each cause"},
                 {"run", "stall_cause"}, std::span<const std::int64_t>(times));
}

std::string share_text(std::uint64_t part, std::uint64_t whole) {
  return percent_text(static_cast<double>(part) / static_cast<double>(whole));
}

std::string bandwidth_line(std::string_view what, Bytes bytes, const MemoryRun& run) {
  return fmt::format(
      "  {:<9}  {:>10}, {} of {} (the pins)\n", what, bandwidth_text(bandwidth(bytes, run)),
      percent_text(bandwidth(bytes, run) / peak_of(run)), bandwidth_text(peak_of(run)));
}

std::string row_line(const dram::Counters& counters) {
  const std::uint64_t all = counters.row_hits + counters.row_misses + counters.row_conflicts;
  return fmt::format("  rows       {} hits, {} misses, {} conflicts\n",
                     share_text(counters.row_hits, all), share_text(counters.row_misses, all),
                     share_text(counters.row_conflicts, all));
}

std::string latency_line(const stats::LatencyHistogram& reads) {
  if (reads.count() == 0) return {};
  return fmt::format("  reads      mean {}, median {}, 99 % {}, max {}\n",
                     time_text(seconds(reads.sum()) / static_cast<double>(reads.count())),
                     time_text(seconds(reads.percentile(0.5))),
                     time_text(seconds(reads.percentile(0.99))), time_text(seconds(reads.max())));
}

std::string command_line(const dram::Counters& counters) {
  return fmt::format(
      "  commands   {} activate, {} read, {} write, {} precharge, {} refresh, {} turnarounds\n",
      count_text(counters.activates), count_text(counters.reads), count_text(counters.writes),
      count_text(counters.precharges + counters.precharge_alls),
      count_text(counters.refresh_banks + counters.refresh_alls), count_text(counters.turnarounds));
}

}  // namespace

double peak_of(const MemoryRun& run) {
  return static_cast<double>(run.part.peak_of_pseudo_channel().count()) *
         run.part.geometry.pseudo_channels * run.channels;
}

void write_memory_run_file(const std::filesystem::path& path, const MemoryRun& run,
                           std::span<const device::Sourced> sources, const Provenance& provenance) {
  Hdf5File file;
  file.attribute("title", "Replay of memory requests");
  file.attribute("schema", "strobe-memory-run");
  file.attribute("schema_version", "1.0");
  file.attribute("part", run.part.name);
  file.attribute("standard", run.part.standard);
  file.attribute("channels", std::int64_t{run.channels});
  file.attribute("dram_peak_bandwidth", peak_of(run));
  write_provenance(file, provenance);
  write_memory(file, run);
  write_config(file, sources);
  file.commit(path);
}

std::string memory_summary(const MemoryRun& run, const std::string& trace, const TextStyle& style) {
  const dram::ReplayResult& result = run.result;
  std::string text = heading(
      fmt::format("{}: {}, {} channels", run.part.name, run.part.standard, run.channels), style);
  text += fmt::format("  trace {}\n  simulated {}: {} requests, {} read, {} written\n\n", trace,
                      time_text(time_of(run)), count_text(result.requests),
                      bytes_text(static_cast<double>(result.bytes_read.count())),
                      bytes_text(static_cast<double>(result.bytes_written.count())));
  if (result.requests == 0) return text;
  text += bandwidth_line("read", result.bytes_read, run);
  text += bandwidth_line("write", result.bytes_written, run);
  text += bandwidth_line("both", result.bytes_read + result.bytes_written, run);
  text += row_line(result.counters) + latency_line(result.read_latency);
  text += command_line(result.counters);
  const std::vector<Bar> waits = waits_of(result);
  text += "\n" + heading("Where requests spent their time", style) + bars(waits, style);
  for (const std::string& violation : result.violation_texts) text += "\n  broken: " + violation;
  if (result.violations > 0) {
    text += fmt::format("\n  {} timing rules broken\n", count_text(result.violations));
  }
  return text;
}

}  // namespace strobe::report
