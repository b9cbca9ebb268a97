#include "sim/report/run_fields.h"

#include <utility>

#include "sim/report/board.h"
#include "sim/report/kernel_columns.h"

namespace strobe::report {
namespace {

double seconds(Picoseconds duration) {
  return static_cast<double>(duration.count()) * 1e-12;
}

template <class Named, std::size_t N>
std::vector<std::string> names_of(const std::array<Named, N>& described) {
  std::vector<std::string> names;
  for (const Named& each : described) names.emplace_back(each.name);
  return names;
}

template <std::size_t N>
std::vector<double> numbers_of(const std::array<Picoseconds, N>& times) {
  std::vector<double> numbers;
  for (const Picoseconds time : times) numbers.push_back(static_cast<double>(time.count()));
  return numbers;
}

void add_run(RunFields& all, const device::RunResult& result) {
  Fields<device::RunResult> run(all, result);
  run.add({"run_time", "s", "of the whole run, with copies and launches"},
          [](const device::RunResult& r) { return seconds(r.end.since_start()); });
  run.add({"kernels", "1", "kernels run"},
          [](const device::RunResult& r) { return r.kernels.size(); });
  run.add({"copies", "1", "copies between host and device"},
          [](const device::RunResult& r) { return r.copies.size(); });
}

void add_latencies(RunFields& all, const device::KernelResult& kernel) {
  using device::KernelResult;
  Fields<KernelResult> kernels(all, kernel);
  kernels.add({"load_latency_median_ps", "ps", "half of them took no longer; a bin's upper edge"},
              [](const KernelResult& k) { return k.load_latency.percentile(0.5).count(); });
  kernels.add({"load_latency_p99_ps", "ps", "99 % of them took no longer; a bin's upper edge"},
              [](const KernelResult& k) { return k.load_latency.percentile(0.99).count(); });
}

}  // namespace

void add_inner(RunFields& all, const Label& label, std::vector<std::string> names) {
  const std::uint64_t size = names.size();
  all.inner.push_back({label, {label.name}, {size}, std::move(names)});
}

void add_along(RunFields& all, const Label& label, std::span<const double> values) {
  all.columns.push_back({label, all.inner.back().label.name, values.size()});
  all.values.insert(all.values.end(), values.begin(), values.end());
}

namespace {

RunFields fields_of(const device::KernelResult& kernel, const BoardFigures& board,
                    const device::GpuSpec& gpu, const Limits& limits) {
  const Figures figures = figures_of(kernel, gpu);
  const Derived derived{figures, bound_of(figures, limits)};
  RunFields all;
  Fields<Derived> columns(all, derived);
  add_bandwidths(columns, limits);
  add_derived(columns);
  add_latencies(all, kernel);
  Fields<device::KernelResult> kernels(all, kernel);
  add_counted(kernels, gpu);
  Fields<BoardFigures> boards(all, board);
  add_board(boards, [](const BoardFigures& row) { return row; });
  add_inner(all, {"warp_state", "1", "what a resident warp does, as Nsight Compute has it"},
            names_of(stats::kWarpStates));
  add_along(all, {"warp_time_ps", "ps", "warps times time in each state; adds up to resident_ps"},
            numbers_of(kernel.stalls.by_state));
  add_inner(all, {"stall_cause", "1", "where the last sector to return was meanwhile"},
            names_of(stats::kCauses));
  add_along(all, {"memory_wait_ps", "ps", "warps times time charged to each cause"},
            numbers_of(kernel.stalls.by_cause));
  return all;
}

}  // namespace

RunFields fields_of(const device::KernelResult& kernel, const device::GpuSpec& gpu,
                    const Limits& limits) {
  return fields_of(kernel, board_figures(kernel, gpu), gpu, limits);
}

RunFields fields_of(const device::RunResult& result, const device::GpuSpec& gpu,
                    const Limits& limits) {
  RunFields all = fields_of(total_of(result), board_figures(result, gpu), gpu, limits);
  add_run(all, result);
  return all;
}

}  // namespace strobe::report
