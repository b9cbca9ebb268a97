#include "sim/validate/validate.h"

#include <algorithm>
#include <array>
#include <map>
#include <mutex>

#include "sim/base/error.h"
#include "sim/device/at_clock.h"
#include "sim/device/catalogue.h"
#include "sim/device/read_gpu.h"
#include "sim/kernel/executor.h"
#include "sim/report/output_file.h"
#include "sim/validate/benchmark.h"
#include "sim/validate/figure.h"

namespace strobe::validate {

namespace {

// One of each kind of memory that was measured well: HBM2, GDDR6, HBM2 behind a far partition.
constexpr std::array<std::string_view, 3> kQuickGpus{"v100-pcie-16gb", "a40", "a100-sxm4-40gb"};
constexpr std::array<std::string_view, 2> kQuickSuites{"latency", "bandwidth"};

const Suite& suite_named(std::string_view name, const Place& place) {
  const auto* const found = std::ranges::find(kSuites, name, &Suite::name);
  if (found != std::end(kSuites)) return *found;
  std::string names;
  for (const Suite& suite : kSuites) names += (names.empty() ? "" : ", ") + std::string(suite.name);
  throw UserError(place, "no suite is called '" + std::string(name) + "'; there are " + names);
}

template <class List, class Element>
bool contains(const List& list, const Element& element) {
  return std::ranges::find(list, element) != std::ranges::end(list);
}

bool is_wanted(const Figure& figure, const Request& request) {
  if (request.suite && figure.suite != *request.suite) return false;
  if (!request.gpus.empty() && !contains(request.gpus, figure.gpu)) return false;
  if (!request.quick) return true;
  return contains(kQuickSuites, figure.suite) &&
         (!request.gpus.empty() || contains(kQuickGpus, figure.gpu));
}

std::vector<std::filesystem::path> tables_of(const Request& request) {
  if (request.measured) return {*request.measured};
  std::vector<std::filesystem::path> tables;
  const std::filesystem::path folder = measured_folder();
  for (const Suite& suite : kSuites) {
    const std::filesystem::path table = folder / (std::string(suite.name) + ".csv");
    if (std::filesystem::exists(table)) tables.push_back(table);
  }
  return tables;
}

// By GPU, then in the order of the suites, then as they stand in their tables.
std::vector<Figure> wanted_figures(const Request& request) {
  std::vector<Figure> figures;
  for (const std::filesystem::path& table : tables_of(request)) {
    for (Figure& figure : read_figures(table)) {
      suite_named(figure.suite, {figure.file, figure.line});
      benchmark_of(figure);
      if (request.measured) figure.gpu = request.gpus.front();
      if (is_wanted(figure, request)) figures.push_back(std::move(figure));
    }
  }
  std::ranges::stable_sort(figures, {}, &Figure::gpu);
  return figures;
}

void require_sense(const Request& request) {
  if (request.measured && request.gpus.size() != 1) {
    throw UserError("--measured is of one GPU: name the config that it is to be compared with");
  }
  if (!request.measured) return;
  device::find_gpu(request.gpus.front());
}

// Those without a config are taken out of the figures and named in the outcome.
std::map<std::string, device::GpuSpec> configs_of(std::vector<Figure>& figures,
                                                  const Request& request, Outcome& outcome) {
  const std::vector<std::string> known = device::list_gpus();
  std::map<std::string, device::GpuSpec> configs;
  for (const Figure& figure : figures) {
    if (configs.contains(figure.gpu) || contains(outcome.not_run, figure.gpu)) continue;
    if (request.measured || contains(known, figure.gpu)) {
      configs.emplace(figure.gpu, device::read_gpu(figure.gpu));
    } else {
      outcome.not_run.push_back(figure.gpu);
    }
  }
  std::erase_if(figures, [&](const Figure& figure) { return !configs.contains(figure.gpu); });
  return configs;
}

report::ValidationRow row_of(const Figure& figure, double simulated) {
  report::ValidationRow row;
  row.gpu = figure.gpu;
  row.suite = figure.suite;
  row.benchmark = figure.benchmark;
  row.parameters = figure.parameters_text;
  row.unit = figure.unit;
  row.source = figure.source;
  row.measured = figure.value;
  row.simulated = simulated;
  row.tolerance = suite_named(figure.suite, {figure.file, figure.line}).tolerance;
  row.marked = figure.deviates;
  return row;
}

void write_file(const Request& request, const Outcome& outcome,
                const std::map<std::string, device::GpuSpec>& configs) {
  std::vector<std::filesystem::path> inputs = tables_of(request);
  for (const auto& [name, gpu] : configs) {
    inputs.insert(inputs.end(), gpu.files.begin(), gpu.files.end());
  }
  std::ranges::sort(inputs);
  inputs.erase(std::unique(inputs.begin(), inputs.end()), inputs.end());
  report::Provenance provenance;
  provenance.strobe_version = request.strobe_version;
  provenance.command_line = request.command_line;
  provenance.created = report::utc_now();
  provenance.inputs = report::hash_inputs(inputs);
  provenance.host_threads = static_cast<std::uint32_t>(request.threads);
  report::write_validation_file(*request.output, outcome.rows, provenance);
}

}  // namespace

Outcome validate(const Request& request, Progress& progress) {
  require_sense(request);
  if (request.output) report::ensure_writable(*request.output);
  std::vector<Figure> figures = wanted_figures(request);
  Outcome outcome;
  const std::map<std::string, device::GpuSpec> configs = configs_of(figures, request, outcome);
  if (figures.empty() && outcome.not_run.empty()) {
    throw UserError("nothing was measured that this asks for");
  }

  outcome.rows.resize(figures.size());
  std::mutex watching;
  std::size_t done = 0;
  progress.figures_done(done, figures.size());
  Executor executor(request.threads);  // figures run side by side, each on one thread
  executor.for_each_in_order(figures.size(), [&](std::size_t i) {
    const device::GpuSpec& own = configs.at(figures[i].gpu);
    const device::GpuSpec gpu = device::at_clock(own, figures[i].clock.value_or(own.sm.clock));
    const double simulated = benchmark_of(figures[i]).run(gpu, figures[i]);
    outcome.rows[i] = row_of(figures[i], simulated);
    const std::lock_guard lock(watching);
    progress.figures_done(++done, figures.size());
  });
  if (request.output) write_file(request, outcome, configs);
  return outcome;
}

}  // namespace strobe::validate
