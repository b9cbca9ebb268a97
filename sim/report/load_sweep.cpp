#include "sim/report/load_sweep.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "sim/report/hdf5_file.h"
#include "sim/report/memory_rows.h"

namespace strobe::report {
namespace {

std::vector<MemoryRun> rows_of(const LoadSweep& sweep) {
  std::vector<MemoryRun> rows;
  for (const LoadPoint& point : sweep.points) {
    std::optional<BytesPerSecond> offered;
    if (point.offered > BytesPerSecond(0)) offered = point.offered;
    rows.push_back({sweep.part, sweep.channels, point.result, offered});
  }
  return rows;
}

std::string table_text(const LoadSweep& sweep, const TextStyle& style) {
  Table table({{"", "", "of the", "reads", "", "", ""},
               {"offered", "achieved", "pins", "mean", "median", "99 %", "max"}});
  for (const MemoryRun& row : rows_of(sweep)) {
    const stats::LatencyHistogram& reads = row.result.read_latency;
    const double achieved = bandwidth(bytes_moved(row), row);
    const double offered = row.offered ? static_cast<double>(row.offered->count()) : 0;
    table.add({row.offered ? bandwidth_text(offered) : "all it takes", bandwidth_text(achieved),
               percent_text(achieved / peak_of(row)), time_text(mean_latency(reads)),
               time_text(seconds(reads.percentile(0.5))),
               time_text(seconds(reads.percentile(0.99))), time_text(seconds(reads.max()))});
  }
  return table.text(style);
}

// Mean latency over achieved bandwidth, one mark a load.
class Picture {
 public:
  Picture(double most_bandwidth, double most_latency)
      : most_bandwidth_(most_bandwidth),
        most_latency_(most_latency),
        lines_(kLines, std::string(kColumns, ' ')) {}

  void mark(double achieved, double latency) {
    lines_[kLines - 1 - place(latency / most_latency_, kLines)]
          [place(achieved / most_bandwidth_, kColumns)] = '*';
  }

  std::string text() const {
    std::string text = "  mean latency of reads\n";
    for (std::size_t i = 0; i < kLines; ++i) {
      const double latency = most_latency_ * static_cast<double>(kLines - i) / kLines;
      const bool labelled = i % kLinesALabel == 0;
      text += fmt::format("  {:>9} |{}\n", labelled ? time_text(latency) : "", lines_[i]);
    }
    text += fmt::format("  {:>9} +{:-<{}}\n", "0 s", "", kColumns);
    const std::string most = bandwidth_text(most_bandwidth_);
    text += fmt::format("  {:>9}  0{:>{}}\n", "", most, kColumns - 1);
    return text;
  }

 private:
  static constexpr std::size_t kLines = 12, kColumns = 60, kLinesALabel = 4;

  static std::size_t place(double share, std::size_t places) {
    return std::min(static_cast<std::size_t>(share * static_cast<double>(places)), places - 1);
  }

  double most_bandwidth_, most_latency_;
  std::vector<std::string> lines_;
};

std::string picture_text(const LoadSweep& sweep) {
  double most_bandwidth = 0, most_latency = 0;
  const std::vector<MemoryRun> rows = rows_of(sweep);
  for (const MemoryRun& row : rows) {
    if (row.result.read_latency.count() == 0) return {};
    most_bandwidth = std::max(most_bandwidth, bandwidth(bytes_moved(row), row));
    most_latency = std::max(most_latency, mean_latency(row.result.read_latency));
  }
  Picture picture(most_bandwidth, most_latency);
  for (const MemoryRun& row : rows) {
    picture.mark(bandwidth(bytes_moved(row), row), mean_latency(row.result.read_latency));
  }
  return "\n" + picture.text();
}

}  // namespace

void write_load_sweep_file(const std::filesystem::path& path, const LoadSweep& sweep,
                           std::span<const device::Sourced> sources, const Provenance& provenance) {
  const std::vector<MemoryRun> rows = rows_of(sweep);
  Hdf5File file;
  file.attribute("title", "Memory requests at a ladder of loads");
  file.attribute("schema", "strobe-load-sweep");
  file.attribute("schema_version", "1.1");
  write_part_attributes(file, rows.front());
  write_provenance(file, provenance);
  {
    Hdf5Group group = file.group("loads");
    std::vector<double> shares;
    for (const LoadPoint& point : sweep.points) shares.push_back(point.share);
    group.coordinate(
        {"load", "1", "offered, as a share of the bandwidth reached when as fast as taken"},
        std::span<const double>(shares));
    write_memory_rows(group, "load", rows);
  }
  write_config(file, sources);
  file.commit(path);
}

std::string load_sweep_summary(const LoadSweep& sweep, const std::string& requests,
                               const TextStyle& style) {
  std::string text = memory_heading(rows_of(sweep).front(), style);
  text += fmt::format("  at {} loads: {}\n\n", sweep.points.size(), requests);
  return text + table_text(sweep, style) + picture_text(sweep);
}

}  // namespace strobe::report
