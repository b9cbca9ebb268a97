#include "sim/report/json_results.h"

#include <limits>
#include <numeric>

#include "sim/report/memory_rows.h"
#include "sim/report/nsight.h"
#include "sim/report/power_rows.h"

namespace strobe::report {

JsonObject run_json(const device::RunResult& result, const RunContext& context) {
  std::vector<std::string> kernels;
  for (const device::KernelResult& kernel : result.kernels) {
    JsonObject one;
    one.add("name", kernel.name).add("file", kernel.file).add("id", kernel.id);
    const Figures figures = figures_of(kernel, context.gpu);
    one.add("bound_by", text_of(bound_of(figures, context.limits)).by);
    one.add(fields_of(kernel, context.gpu, context.limits));
    JsonObject nsight;
    for (const NsightMetric& metric : nsight_metrics(kernel, context.gpu)) {
      nsight.add(metric.name, metric.value);
    }
    one.add_json("nsight", nsight.text());
    kernels.push_back(one.text());
  }
  JsonObject total;
  total.add(fields_of(result, context.gpu, context.limits));
  JsonObject run;
  run.add("schema", "strobe-run").add("gpu", context.gpu.name).add("trace", context.trace);
  run.add("sm_clock", static_cast<double>(context.gpu.sm.clock.count()) * 1e3);
  run.add("dram_commands_checked", result.dram_check.commands);
  run.add("dram_rule_violations", result.dram_check.violations);
  run.add_json("total", total.text()).add_json("kernels", json_list(kernels));
  return run;
}

namespace {

// Watts of all channels over time.
std::string power_json(const MemoryRun& run) {
  const dram::EnergyOverTime& energy = run.result.energy;
  const std::size_t count = energy.femtojoules[0].size(), shares = energy.femtojoules.size();
  const std::vector<double> watts =
      watts_of(energy, interval_lengths(count, energy.interval, run.result.finish));
  std::vector<std::string> totals;
  for (std::size_t i = 0; i < count; ++i) {
    const double* const first = &watts[i * shares];
    totals.push_back(json_number(std::accumulate(first, first + shares, 0.0)));
  }
  JsonObject power;
  power.add("length", seconds(energy.interval)).add_json("dram_power", json_list(totals));
  return power.text();
}

}  // namespace

JsonObject memory_run_json(const MemoryRun& run, const std::string& trace) {
  JsonObject memory, all;
  memory.add(fields_of(run));
  all.add("schema", "strobe-memory-run").add("part", run.part.name).add("trace", trace);
  all.add("channels", run.channels).add("dram_peak_bandwidth", peak_of(run));
  all.add_json("memory", memory.text());
  return all.add_json("intervals", power_json(run));
}

JsonObject load_sweep_json(const LoadSweep& sweep, const std::string& trace) {
  std::vector<std::string> loads;
  for (const LoadPoint& point : sweep.points) {
    std::optional<BytesPerSecond> offered;
    if (point.offered > BytesPerSecond(0)) offered = point.offered;
    JsonObject load;
    load.add("load", point.share);
    load.add(fields_of(MemoryRun{sweep.part, sweep.channels, point.result, offered}));
    loads.push_back(load.text());
  }
  JsonObject all;
  all.add("schema", "strobe-load-sweep").add("part", sweep.part.name).add("trace", trace);
  all.add("channels", sweep.channels).add_json("loads", json_list(loads));
  return all;
}

JsonObject validation_json(std::span<const ValidationRow> rows) {
  std::vector<std::string> figures;
  for (const ValidationRow& row : rows) {
    JsonObject one;
    one.add("gpu", row.gpu).add("suite", row.suite).add("benchmark", row.benchmark);
    one.add("parameters", row.parameters).add("unit", row.unit).add("measured", row.measured);
    one.add("simulated", row.simulated).add("tolerance", row.tolerance);
    one.add("deviates", row.marked).add("source", row.source);
    figures.push_back(one.text());
  }
  JsonObject all;
  all.add("schema", "strobe-validation").add("as_expected", all_as_expected(rows));
  return all.add_json("figures", json_list(figures));
}

JsonObject predictions_json(std::span<const Prediction> predictions) {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  std::vector<std::string> layers;
  for (const Prediction& row : predictions) {
    JsonObject one;
    one.add("line", row.line).add("gpu", row.gpu).add("family", row.family);
    one.add("text", row.layer).add("kernel", row.kernel).add("bound", text_of(row.bound).by);
    one.add("simulated_time", row.simulated).add("spread", row.spread);
    one.add("sm_clock", static_cast<double>(row.clock.count()) * 1e3);
    one.add("board_energy", row.energy.total());
    one.add("measured_time", row.measured.value_or(kNone));
    one.add("overhead", row.overhead.value_or(kNone));
    one.add("error", row.measured ? row.error() : kNone);
    layers.push_back(one.text());
  }
  JsonObject all;
  return all.add("schema", "strobe-predictions").add_json("layers", json_list(layers));
}

JsonObject gpu_json(const device::GpuSpec& gpu, const Limits& limits) {
  JsonObject all;
  all.add("name", gpu.name).add("title", gpu.title).add("memory_kind", gpu.memory_kind);
  all.add("sms", gpu.sms).add("l2_slices", gpu.slices).add("dram_channels", gpu.memory.channels);
  all.add("dram_capacity", gpu.memory.capacity);
  all.add("dram_peak_bandwidth", per_second(limits.peaks.dram));
  all.add("dram_bound_bandwidth", per_second(limits.dram_to_sms.bandwidth));
  all.add("l2_peak_bandwidth", per_second(limits.peaks.l2));
  all.add("l2_bound_bandwidth", per_second(limits.l2_to_sms.bandwidth));
  return all;
}

JsonObject part_json(const dram::PartSpec& part) {
  JsonObject all;
  const double pseudo_channels =
      static_cast<double>(part.geometry.pseudo_channels) * part.geometry.channels;
  all.add("name", part.name).add("standard", part.standard);
  all.add("dram_channels", part.geometry.channels);
  all.add("dram_peak_bandwidth", per_second(part.peak_of_pseudo_channel()) * pseudo_channels);
  return all;
}

std::string config_json(std::span<const device::Sourced> sources) {
  std::vector<std::string> numbers;
  for (const device::Sourced& number : sources) {
    JsonObject one;
    one.add("key", number.key).add("value", number.value).add("from", number.from);
    one.add("source", number.source).add("file", number.file).add("line", number.line);
    numbers.push_back(one.text());
  }
  return json_list(numbers);
}

}  // namespace strobe::report
