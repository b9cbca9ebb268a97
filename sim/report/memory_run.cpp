#include "sim/report/memory_run.h"

#include <fmt/format.h>

#include <array>
#include <vector>

#include "sim/report/columns.h"
#include "sim/report/hdf5_file.h"
#include "sim/report/memory_rows.h"
#include "sim/report/power_rows.h"

namespace strobe::report {
namespace {

// The file has one row, along a dimension that the files of many runs can be joined by.
void write_memory(Hdf5File& file, const MemoryRun& run) {
  Hdf5Group group = file.group("memory");
  number_dimension(group, {"run", "1", "run"}, 1);
  write_memory_rows(group, "run", std::span(&run, 1));
}

void write_channels(Hdf5File& file, const MemoryRun& run) {
  const dram::ReplayResult& result = run.result;
  const std::vector<dram::ChannelCounters>& channels = result.channels;
  Hdf5Group group = file.group("channels");
  number_dimension(group, {"channel", "1", "channel of the part"}, channels.size());
  Columns<dram::ChannelCounters> rows(group, "channel", channels);
  rows.add_counters(
      "", dram::kCounters, [](const dram::ChannelCounters& c) -> const auto& { return c.all; });
  add_energy(rows, "", [&](const dram::ChannelCounters& c) {
    return energy_figures(run.part, 1, c.all, result.finish.since_start());
  });

  const std::size_t banks = channels.empty() ? 0 : channels.front().banks.size();
  number_dimension(group, {"bank", "1", "bank, those of the first pseudo-channel first"}, banks);
  for (const auto& described : dram::kBankCounters) {
    std::vector<std::int64_t> counts;
    for (const dram::ChannelCounters& channel : channels) {
      for (const dram::BankCounters& bank : channel.banks) {
        counts.push_back(static_cast<std::int64_t>(bank.*described.counter));
      }
    }
    group.variable({"bank_" + std::string(described.name), std::string(stats::name(described.unit)),
                    std::string(described.meaning)},
                   {"channel", "bank"}, std::span<const std::int64_t>(counts));
  }
}

void write_intervals(Hdf5File& file, const MemoryRun& run) {
  const dram::EnergyOverTime& energy = run.result.energy;
  const std::vector<double> lengths =
      interval_lengths(energy.femtojoules[0].size(), energy.interval, run.result.finish);
  std::vector<double> starts;
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    starts.push_back(static_cast<double>(i) * seconds(energy.interval));
  }
  Hdf5Group group = file.group("intervals");
  group.coordinate({"time", "s", "start of the interval"}, std::span<const double>(starts));
  group.variable({"length", "s", "length of the interval; the last one ends with the run"},
                 {"time"}, std::span<const double>(lengths));
  write_power(group, energy, lengths);
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
                     time_text(mean_latency(reads)), time_text(seconds(reads.percentile(0.5))),
                     time_text(seconds(reads.percentile(0.99))), time_text(seconds(reads.max())));
}

// The reads by latency, a line for each half of a power of two that has some.
std::string histogram_text(const stats::LatencyHistogram& reads, const TextStyle& style) {
  constexpr std::size_t kBins = stats::LatencyHistogram::kBins, kTogether = 8;
  std::array<std::string, kBins / kTogether> names, counts;
  std::vector<Bar> all;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::size_t begin = i * kTogether, end = begin + kTogether;
    std::int64_t count = 0;
    for (std::size_t bin = begin; bin < end; ++bin) {
      count += static_cast<std::int64_t>(reads.in_bin(bin));
    }
    names[i] = fmt::format("{:>8} to {:>8}", time_text(seconds(reads.edge(begin))),
                           time_text(seconds(reads.edge(end))));
    counts[i] = count_text(static_cast<std::uint64_t>(count));
    all.push_back({names[i], counts[i], count});
  }
  if (reads.count() == 0) return {};
  return "\n" + heading("Reads by latency", style) + bars(all, style, BarOrder::as_given);
}

std::string command_line(const dram::Counters& counters) {
  return fmt::format(
      "  commands   {} activate, {} read, {} write, {} precharge, {} refresh, {} turnarounds\n",
      count_text(counters.activates), count_text(counters.reads), count_text(counters.writes),
      count_text(counters.precharges + counters.precharge_alls),
      count_text(counters.refresh_banks + counters.refresh_alls), count_text(counters.turnarounds));
}

// How the mean latency of a direction is made up.
std::string waits_text(const dram::ReplayResult& result, dram::Direction direction,
                       const TextStyle& style) {
  const bool reads = direction == dram::Direction::read;
  const std::uint64_t requests = result.finished[static_cast<std::size_t>(direction)];
  if (requests == 0) return {};
  std::vector<Bar> waits = waits_of(result, direction);
  std::vector<std::string> meanings;
  double all = 0;
  for (const Bar& wait : waits) {
    const double mean = static_cast<double>(wait.amount) * 1e-12 / static_cast<double>(requests);
    all += mean;
    meanings.push_back(fmt::format("{:>8}  {}", time_text(mean), wait.meaning));
  }
  for (std::size_t i = 0; i < waits.size(); ++i) waits[i].meaning = meanings[i];
  const std::string title = fmt::format("Where {} spent their time: {} on average",
                                        reads ? "reads" : "writes", time_text(all));
  return "\n" + heading(title, style) + bars(waits, style);
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
  file.attribute("schema_version", "2.1");
  write_part_attributes(file, run);
  write_provenance(file, provenance);
  write_memory(file, run);
  write_channels(file, run);
  write_intervals(file, run);
  write_config(file, sources);
  file.commit(path);
}

std::string memory_summary(const MemoryRun& run, const std::string& trace, const TextStyle& style) {
  const dram::ReplayResult& result = run.result;
  std::string text = memory_heading(run, style);
  text += fmt::format("  trace {}\n  simulated {}: {} requests, {} read, {} written\n\n", trace,
                      time_text(time_of(run)), count_text(result.requests),
                      bytes_text(static_cast<double>(result.bytes_read.count())),
                      bytes_text(static_cast<double>(result.bytes_written.count())));
  if (result.requests == 0) return text;
  text += bandwidth_line("read", result.bytes_read, run);
  text += bandwidth_line("write", result.bytes_written, run);
  text += bandwidth_line("both", result.bytes_read + result.bytes_written, run);
  if (result.check_bytes > Bytes(0)) text += bandwidth_line("ECC", result.check_bytes, run);
  text += row_line(result.counters) + latency_line(result.read_latency);
  text += command_line(result.counters);
  text += energy_lines(energy_of(run), style);
  text += histogram_text(result.read_latency, style);
  text += waits_text(result, dram::Direction::read, style);
  text += waits_text(result, dram::Direction::write, style);
  for (const std::string& violation : result.violation_texts) text += "\n  broken: " + violation;
  if (result.violations > 0) {
    text += fmt::format("\n  {} timing rules broken\n", count_text(result.violations));
  }
  return text;
}

}  // namespace strobe::report
