#include "sim/run/network_suite.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fstream>
#include <map>

#include "sim/base/csv.h"
#include "sim/device/read_gpu.h"
#include "sim/run/network_choice.h"
#include "sim/run/outcome.h"

namespace strobe::run {
namespace {

// What is aimed at, as a share of what was measured.
struct Work {
  std::string_view name;
  double tolerance;
};
constexpr std::array<Work, 4> kWorks{
    {{"decode", 0.08}, {"prefill", 0.12}, {"inference", 0.15}, {"training", 0.15}}};

double number_in(const std::string& text, const char* what) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || !(number > 0)) {
    throw UserError(fmt::format("{} is a number above 0, not '{}'", what, text));
  }
  return number;
}

bool flag_in(const std::string& text, const char* what) {
  if (text != "yes" && text != "no") {
    throw UserError(fmt::format("{} is yes or no, not '{}'", what, text));
  }
  return text == "yes";
}

MeasuredStep step_of(const CsvColumns& columns, const std::vector<std::string>& fields) {
  columns.require_all(fields);
  MeasuredStep row;
  row.work = columns.of(fields, "work");
  if (std::ranges::find(kWorks, row.work, &Work::name) == kWorks.end()) {
    throw UserError("'" + row.work + "' is none of decode, prefill, inference, training");
  }
  row.request.gpu = columns.of(fields, "gpu");
  row.request.network = columns.of(fields, "network");
  const bool makes_tokens = row.work == "decode" || row.work == "prefill";
  row.request.step.type = usual_type(makes_tokens);
  row.request.step.training = row.work == "training";
  row.parameters = columns.of(fields, "parameters");
  for (std::size_t at = 0; at < row.parameters.size();) {
    const std::size_t end = std::min(row.parameters.find(' ', at), row.parameters.size());
    take_parameter(row.parameters.substr(at, end - at), row.request.step, row.request.sequence);
    at = end + 1;
  }
  if (makes_tokens) row.request.sequence = sizes_in_phase(row.work, row.request.sequence);
  row.value = number_in(columns.of(fields, "value"), "value");
  row.unit = columns.of(fields, "unit");
  if (row.unit != "tokens/s" && row.unit != "samples/s" && row.unit != "ms") {
    throw UserError("'" + row.unit + "' is none of tokens/s, samples/s, ms");
  }
  row.deviates = flag_in(columns.of(fields, "deviates"), "deviates");
  row.quick = flag_in(columns.of(fields, "quick"), "quick");
  row.source = columns.of(fields, "source");
  return row;
}

// In the unit of what was measured.
double simulated_value(const MeasuredStep& row, const report::NetworkReport& report) {
  const double seconds = report.step_time();
  if (row.unit == "ms") return seconds * 1e3;
  const auto samples = static_cast<double>(report.options.batch);
  const auto tokens = static_cast<double>(std::max<std::uint64_t>(report.tokens, 1));
  return samples * (row.unit == "tokens/s" ? tokens : 1) / seconds;
}

report::ValidationRow row_of(const MeasuredStep& measured, double simulated) {
  report::ValidationRow row;
  row.gpu = measured.request.gpu;
  row.suite = "networks";
  row.benchmark = measured.work + " " + measured.request.network;
  row.parameters = measured.parameters;
  row.unit = measured.unit;
  row.source = measured.source;
  row.measured = measured.value;
  row.simulated = simulated;
  row.tolerance = std::ranges::find(kWorks, measured.work, &Work::name)->tolerance;
  row.marked = measured.deviates;
  return row;
}

class Unwatched : public PredictProgress {
  void layers_done(std::size_t, std::size_t) override {}
  void row_done(const report::Prediction&) override {}
};

}  // namespace

std::vector<MeasuredStep> read_measured_steps(const std::filesystem::path& path) {
  std::ifstream file(path);
  if (!file) throw UserError({path.string()}, "cannot be read");
  std::vector<MeasuredStep> rows;
  std::optional<CsvColumns> columns;
  std::string text;
  for (std::int64_t line = 1; std::getline(file, text); ++line) {
    if (text.empty() || text.starts_with('#')) continue;
    try {
      const std::vector<std::string> fields = csv_fields(text);
      if (!columns) {
        columns.emplace(fields);
      } else {
        rows.push_back(step_of(*columns, fields));
        rows.back().line = line;
      }
    } catch (const UserError& error) {
      throw UserError({path.string(), line}, error.what());
    }
  }
  return rows;
}

NetworkSuiteOutcome run_network_suite(const NetworkSuiteRequest& request, PredictProgress& progress,
                                      const std::atomic<bool>& stop) {
  std::vector<MeasuredStep> steps = read_measured_steps(request.table);
  std::erase_if(steps, [&](const MeasuredStep& row) {
    return (request.gpu && row.request.gpu != *request.gpu) || (request.quick && !row.quick);
  });
  if (steps.empty()) throw UserError("no networks were measured that this asks for");
  std::ranges::stable_sort(steps, {}, [](const MeasuredStep& row) { return row.request.gpu; });
  std::vector<std::filesystem::path> inputs{request.table};
  std::map<std::string, device::GpuSpec> gpus;
  for (const MeasuredStep& row : steps) {
    const auto [gpu, is_new] = gpus.try_emplace(row.request.gpu);
    if (!is_new) continue;
    gpu->second = device::read_gpu(row.request.gpu);
    inputs.insert(inputs.end(), gpu->second.files.begin(), gpu->second.files.end());
  }
  const std::optional<ResultFile> file =
      result_file(request.output,
                  {request.command_line, request.table.string(), request.effort.threads}, inputs);
  NetworkSuiteOutcome outcome;
  Unwatched unwatched;
  for (std::size_t i = 0; i < steps.size() && !stop; ++i) {
    const NetworkRequest& asked = steps[i].request;
    progress.layers_done(i, steps.size());
    try {
      const networks::Network network = networks::read_network(asked.network, asked.sequence);
      const report::NetworkReport report =
          time_step(network, asked.step, gpus.at(asked.gpu), request.effort, unwatched);
      outcome.rows.push_back(row_of(steps[i], simulated_value(steps[i], report)));
    } catch (const UserError& error) {
      outcome.not_run.push_back(
          fmt::format("{}:{}: {}", request.table.string(), steps[i].line, error.what()));
    }
  }
  if (file && !stop) {
    report::write_validation_file(file->path, outcome.rows, file->provenance);
  }
  return outcome;
}

std::string network_suite_means(const std::vector<report::ValidationRow>& rows,
                                const report::TextStyle& style) {
  struct Mean {
    double absolute = 0, signed_error = 0;
    std::size_t count = 0;
  };
  std::map<std::pair<std::string, std::string>, Mean> means;
  for (const report::ValidationRow& row : rows) {
    const std::string work = row.benchmark.substr(0, row.benchmark.find(' '));
    for (const std::string& gpu : {row.gpu, std::string("all")}) {
      Mean& mean = means[{work, gpu}];
      mean.absolute += std::abs(row.error());
      mean.signed_error += row.error();
      ++mean.count;
    }
  }
  report::Table table({{"work, GPU", "steps", "mean error", "bias"}});
  for (const auto& [key, mean] : means) {
    const auto count = static_cast<double>(mean.count);
    table.add({key.first + " " + key.second, fmt::format("{}", mean.count),
               report::percent_text(mean.absolute / count),
               fmt::format("{:+.1f} %", 100 * mean.signed_error / count)});
  }
  return table.text(style);
}

}  // namespace strobe::run
