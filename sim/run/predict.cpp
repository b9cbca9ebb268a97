#include "sim/run/predict.h"

#include <algorithm>
#include <map>
#include <mutex>

#include "sim/base/error.h"
#include "sim/base/random.h"
#include "sim/device/read_gpu.h"
#include "sim/kernel/executor.h"
#include "sim/layers/layer_time.h"
#include "sim/layers/lower.h"
#include "sim/run/outcome.h"

namespace strobe::run {

namespace {

// A layer with the kernel it is to use, and the rows that ask for it.
struct Task {
  layers::Layer layer;
  std::optional<layers::GivenKernel> kernel;
  bool is_l2_cold = false;
  std::vector<std::size_t> rows;
  std::optional<report::Prediction> prediction;
  std::string problem;  // why there is none
};

std::string family_of(const layers::Layer& layer) {
  const std::string name = layer.op == layers::Operator::elementwise ? "elementwise" : layer.name;
  if (layer.type == layers::DataType::fp32) return name;
  return name + " " + std::string(layers::name_of(layer.type));
}

// Keeps the rows of each family that were measured to be shortest by each source, from which
// overheads are told, and of the others as many as wanted, evenly from short to long, from a place
// that a seed chooses.
void keep_some(std::vector<layers::TableRow>& rows, std::size_t wanted) {
  constexpr std::size_t kShortest = 5;
  SplitMix64 random(20261122);
  std::map<std::string, std::vector<layers::TableRow>> families;
  for (layers::TableRow& row : rows) families[family_of(row.layer)].push_back(std::move(row));
  rows.clear();
  for (auto& [name, family] : families) {
    std::ranges::stable_sort(family, {}, &layers::TableRow::measured);
    std::map<std::string, std::size_t> of_source;
    const auto others = std::stable_partition(
        family.begin(), family.end(),
        [&](const layers::TableRow& row) { return of_source[row.source]++ < kShortest; });
    const auto shortest = static_cast<std::size_t>(others - family.begin());
    const std::size_t step = std::max<std::size_t>((family.size() - shortest) / wanted, 1);
    std::size_t next = shortest + random.next() % step;
    for (std::size_t i = 0; i < family.size(); ++i) {
      if (i >= shortest && i != next) continue;
      if (i == next) next += step;
      rows.push_back(std::move(family[i]));
    }
  }
  std::ranges::sort(rows, {}, &layers::TableRow::line);
}

std::string identity_of(const layers::TableRow& row,
                        const std::optional<layers::GivenKernel>& kernel) {
  std::string identity = layers::to_text(row.layer) + (row.is_l2_cold ? " cold" : "");
  if (!kernel) return identity;
  identity += " " + kernel->name;
  for (const std::uint32_t extent : kernel->grid) identity += " " + std::to_string(extent);
  for (const std::uint32_t extent : kernel->block) identity += " " + std::to_string(extent);
  return identity;
}

std::vector<Task> tasks_of(const std::vector<layers::TableRow>& rows,
                           const PredictRequest& request) {
  std::vector<Task> tasks;
  std::map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto kernel = request.predict_kernels ? std::nullopt : rows[i].kernel;
    const auto [found, is_new] = places.try_emplace(identity_of(rows[i], kernel), tasks.size());
    if (is_new) tasks.push_back({rows[i].layer, kernel, rows[i].is_l2_cold, {}, {}, {}});
    tasks[found->second].rows.push_back(i);
  }
  return tasks;
}

report::Prediction run_task(const Task& task, const device::GpuSpec& board,
                            const report::Limits& limits, const PredictRequest& request) {
  const auto kernels = layers::lower(task.layer, board, task.kernel);
  device::NoProgress nobody_watches;
  layers::TimingOptions options{1, request.exact, false};
  if (task.is_l2_cold) {
    options.held = layers::L2Contents{};
    options.held->others_clean.sixteenths = layers::HeldShare::kAll;
  }
  const auto [gpu, result] =
      time_sustained(kernels, board, request.power_limit, options, nobody_watches);
  const auto longest = std::ranges::max_element(
      result.kernels, {}, [](const device::KernelResult& kernel) { return kernel.time(); });
  report::Prediction prediction;
  prediction.gpu = gpu.name;
  prediction.clock = gpu.sm.clock;
  if (gpu.energy) prediction.energy = load_of(result, gpu).energy;
  prediction.family = family_of(task.layer);
  prediction.layer = layers::to_text(task.layer);
  prediction.kernel = longest->name;
  prediction.bound = report::bound_of(report::figures_of(*longest, gpu), limits);
  for (const device::KernelResult& kernel : result.kernels) {
    prediction.simulated += static_cast<double>(kernel.time().count()) * 1e-12;
    prediction.spread = std::max(prediction.spread, kernel.left_out.spread);
  }
  return prediction;
}

report::Prediction prediction_of(const Task& task, const layers::TableRow& row) {
  report::Prediction prediction = *task.prediction;
  prediction.line = row.line;
  prediction.source = row.source;
  prediction.measured = row.measured;
  return prediction;
}

// Every row's prediction, or why it has none.
PredictOutcome gather(const std::vector<layers::TableRow>& rows, const std::vector<Task>& tasks,
                      std::vector<layers::RefusedRow> refused) {
  PredictOutcome outcome;
  outcome.refused = std::move(refused);
  for (const Task& task : tasks) {
    for (const std::size_t i : task.rows) {
      if (task.prediction) {
        outcome.predictions.push_back(prediction_of(task, rows[i]));
      } else if (!task.problem.empty()) {
        outcome.refused.push_back({rows[i].line, task.problem});
      } else {
        outcome.complete = false;
      }
    }
  }
  std::ranges::sort(outcome.predictions, {}, &report::Prediction::line);
  std::ranges::sort(outcome.refused, {}, &layers::RefusedRow::line);
  return outcome;
}

}  // namespace

PredictOutcome predict(const PredictRequest& request, PredictProgress& progress,
                       const std::atomic<bool>& stop) {
  const device::GpuSpec gpu = device::read_gpu(request.gpu);
  const report::Limits limits = report::limits_of(gpu);
  layers::LayerTable table = layers::read_layer_table(request.layers);
  const std::size_t other_gpus = std::erase_if(table.rows, [&](const layers::TableRow& row) {
    return !row.gpu.empty() && row.gpu != gpu.name;
  });
  if (!request.families.empty()) {
    std::erase_if(table.rows, [&](const layers::TableRow& row) {
      return std::ranges::find(request.families, family_of(row.layer)) == request.families.end();
    });
  }
  if (request.rows_of_family > 0) keep_some(table.rows, request.rows_of_family);
  if (table.rows.empty()) {
    throw UserError({request.layers.string()}, "has no row that can be run on " + gpu.name);
  }
  std::vector<std::filesystem::path> inputs(gpu.files.begin(), gpu.files.end());
  inputs.push_back(request.layers);
  const std::optional<ResultFile> file = result_file(
      request.output, {request.command_line, request.layers.string(), request.threads}, inputs);

  std::vector<Task> tasks = tasks_of(table.rows, request);
  std::mutex watching;
  std::size_t done = 0;
  Executor executor(request.threads);
  executor.for_each_in_order(tasks.size(), [&](std::size_t i) {
    if (stop) return;
    try {
      tasks[i].prediction = run_task(tasks[i], gpu, limits, request);
    } catch (const UserError& error) {
      tasks[i].problem = error.what();
    }
    const std::lock_guard lock(watching);
    if (tasks[i].prediction) {
      for (const std::size_t row : tasks[i].rows) {
        progress.row_done(prediction_of(tasks[i], table.rows[row]));
      }
    }
    progress.layers_done(++done, tasks.size());
  });

  PredictOutcome outcome = gather(table.rows, tasks, std::move(table.refused));
  outcome.other_gpus = other_gpus;
  report::estimate_overheads(outcome.predictions);
  if (file) report::write_predictions_file(file->path, outcome.predictions, file->provenance);
  return outcome;
}

}  // namespace strobe::run
