#include "sim/report/network_fields.h"

#include <algorithm>
#include <limits>

#include "sim/report/board.h"
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

// Warps times time of each state or cause: what operations' longest kernels did, added up.
template <std::size_t N, class Of>
std::vector<double> warp_times(const NetworkReport& report, Of shares) {
  constexpr double kPicosecondsPerSecond = 1e12;
  std::vector<double> sums(N);
  for (const OperationReport& row : report.operations) {
    for (std::size_t i = 0; i < N; ++i) {
      sums[i] += shares(row)[i] * row.resident * kPicosecondsPerSecond;
    }
  }
  return sums;
}

void add_warp_times(RunFields& known, const NetworkReport& report) {
  using Row = OperationReport;
  const auto states = warp_times<stats::kWarpStateCount>(
      report, [](const Row& row) -> const auto& { return row.states; });
  const auto causes = warp_times<stats::kCauseCount>(
      report, [](const Row& row) -> const auto& { return row.causes; });
  add_inner(known, {"warp_state", "", ""}, std::vector<std::string>(states.size()));
  add_along(known, {"warp_time_ps", "", ""}, states);
  add_inner(known, {"stall_cause", "", ""}, std::vector<std::string>(causes.size()));
  add_along(known, {"memory_wait_ps", "", ""}, causes);
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
           [](const NetworkReport& r) { return r.step_time() + copies_time(r); });
  step.add({"kernels", "", ""}, launches_of);
  step.add({"copies", "", ""}, [](const NetworkReport& r) { return r.copy_time > 0 ? 2 : 0; });
  step.add({"dram_energy", "", ""}, [](const NetworkReport& r) { return r.dram_energy(); });
  if (report.energy().total() > 0) {
    add_board(step, [](const NetworkReport& r) { return BoardFigures{r.energy(), r.step_time()}; });
  }
  step.add({"resident_ps", "", ""},
           [](const NetworkReport& r) { return sum_of(r, &OperationReport::resident) * 1e12; });
  add_warp_times(known, report);
  return known;
}

// The values of the column of that name, or none.
std::span<const double> values_of(const RunFields& fields, const std::string& name) {
  std::size_t first = 0;
  for (const GridColumn& column : fields.columns) {
    if (column.label.name == name) return std::span(fields.values).subspan(first, column.size);
    first += column.size;
  }
  return {};
}

}  // namespace

RunFields fields_of(const NetworkReport& report, const device::GpuSpec& gpu, const Limits& limits) {
  RunFields all = fields_of(device::RunResult{}, gpu, limits);
  std::ranges::fill(all.values, kUnknown);
  const RunFields known = known_fields(report, limits);
  std::size_t first = 0;
  for (const GridColumn& column : all.columns) {
    std::ranges::copy(values_of(known, column.label.name),
                      all.values.begin() + static_cast<std::ptrdiff_t>(first));
    first += column.size;
  }
  return all;
}

RunFields step_fields(const NetworkReport& report) {
  RunFields all;
  Fields<NetworkReport> step(all, report);
  using Row = NetworkReport;
  step.add({"step_time", "s", "of a network's step: kernels, launches and waits for the host"},
           [](const Row& r) { return r.step_time(); });
  step.add({"step_launch_time", "s", "of that, from launches until first CTAs start"},
           [](const Row& r) { return r.launch_time(); });
  step.add({"step_host_wait_time", "s", "of that, waiting for the host's calls"}, host_wait);
  step.add({"critical_path", "s", "the longest chain of operations that need each other"},
           [](const Row& r) { return r.critical_path; });
  step.add({"host_copy_time", "s", "input over the host link, apart from step_time"},
           [](const Row& r) { return r.copy_time; });
  step.add({"host_copy_energy", "J", "of the board during copies, apart from energy"},
           [](const Row& r) { return r.energy().total() > 0 ? r.copy_energy.total() : kUnknown; });
  step.add({"sm_clock", "Hz", "of the SMs; below the GPU's own where its power limit holds it"},
           [](const Row& r) { return static_cast<double>(r.clock.count()) * 1e3; });
  step.add({"host_copy_bytes", "B", "input of a step"}, [](const Row& r) { return r.input_bytes; });
  step.add({"host_copy_back_time", "s", "what the host reads of it, likewise"},
           [](const Row& r) { return r.copy_back_time; });
  step.add({"host_copy_back_bytes", "B", "what the host reads: the loss, outputs or tokens"},
           [](const Row& r) { return r.output_bytes; });
  step.add({"samples_per_second", "s-1", "of a batch, over step_time and copies both ways"},
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
