#include "sim/report/network_fields.h"

#include <algorithm>
#include <limits>

#include "sim/report/kernel_columns.h"

namespace strobe::report {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

double sum_of(const NetworkReport& report, double OperationReport::*part) {
  double sum = 0;
  for (const OperationReport& row : report.operations) sum += row.*part;
  return sum;
}

std::uint64_t launches_of(const NetworkReport& report) {
  std::uint64_t launches = 0;
  for (const OperationReport& row : report.operations) launches += row.launches;
  return launches;
}

// The numbers that are known, under the names that they have in a run of kernels.
RunFields known_fields(const NetworkReport& report, const Limits& limits) {
  Derived derived{{}, Bound::latency};
  Figures& figures = derived.figures;
  figures.time = report.kernel_time();
  figures.dram_read = sum_of(report, &OperationReport::dram_read) / figures.time;
  figures.dram_write = sum_of(report, &OperationReport::dram_write) / figures.time;
  figures.l2 = sum_of(report, &OperationReport::l2) / figures.time;
  figures.l2_read = kUnknown;
  RunFields known;
  Fields<Derived> columns(known, derived);
  add_bandwidths(columns, limits);
  Fields<NetworkReport> step(known, report);
  step.add({"run_time", "", ""},
           [](const NetworkReport& r) { return r.step_time() + r.copy_time; });
  step.add({"kernels", "", ""}, launches_of);
  step.add({"copies", "", ""}, [](const NetworkReport& r) { return r.copy_time > 0 ? 1 : 0; });
  return known;
}

}  // namespace

RunFields fields_of(const NetworkReport& report, const device::GpuSpec& gpu, const Limits& limits) {
  RunFields all = fields_of(device::RunResult{}, gpu, limits);
  std::ranges::fill(all.values, kUnknown);
  const RunFields known = known_fields(report, limits);
  const auto name_of = [](const GridColumn& column) { return column.label.name; };
  std::size_t value = 0;
  for (const GridColumn& column : all.columns) {
    const auto found = std::ranges::find(known.columns, column.label.name, name_of);
    if (found != known.columns.end()) {
      all.values[value] = known.values[static_cast<std::size_t>(found - known.columns.begin())];
    }
    value += column.size;
  }
  return all;
}

RunFields step_fields(const NetworkReport& report) {
  RunFields all;
  Fields<NetworkReport> step(all, report);
  using Row = NetworkReport;
  step.add({"step_time", "s", "of a network's step: kernels and launches"},
           [](const Row& r) { return r.step_time(); });
  step.add({"step_launch_time", "s", "of that, from launches until first CTAs start"},
           [](const Row& r) { return r.launch_time(); });
  step.add({"critical_path", "s", "the longest chain of operations that need each other"},
           [](const Row& r) { return r.critical_path; });
  step.add({"host_copy_time", "s", "input over the host link, apart from step_time"},
           [](const Row& r) { return r.copy_time; });
  step.add({"host_copy_bytes", "B", "input of a step"}, [](const Row& r) { return r.input_bytes; });
  step.add({"samples_per_second", "s-1", "of a batch, over step_time and host_copy_time"},
           [](const Row& r) { return r.samples_per_second(); });
  step.add({"tokens_per_second", "s-1", "places of sequences, over the same; NaN for images"},
           [](const Row& r) { return r.tokens == 0 ? kUnknown : r.tokens_per_second(); });
  step.add({"memory_bytes", "B", "of the GPU's memory, needed at once"},
           [](const Row& r) { return r.memory.total(); });
  step.add({"step_operations", "1", "floating-point, a multiply-add being two"},
           [](const Row& r) { return sum_of(r, &OperationReport::operations); });
  step.add({"steps_of_epoch", "1", "0 where the samples are not known"},
           [](const Row& r) { return r.steps_of_epoch(); });
  return all;
}

}  // namespace strobe::report
