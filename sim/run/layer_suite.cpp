#include "sim/run/layer_suite.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>

#include "sim/base/error.h"
#include "sim/run/outcome.h"

namespace strobe::run {

namespace {

// What is aimed at: a line of the table of errors.
struct Target {
  std::string gpu, family;
  bool kernels_given = true;
  double tolerance = 0;
  bool marked = false;
};

Target target_in(const std::string& line, const Place& place) {
  std::array<std::string, 5> fields;
  std::size_t count = 0, at = 0;
  for (std::size_t comma = 0; comma != std::string::npos && count < fields.size(); ++count) {
    comma = line.find(',', at);
    fields[count] = line.substr(at, comma - at);
    at = comma + 1;
  }
  Target target{fields[0], fields[1], fields[2] == "given", 0, fields[4] == "yes"};
  const std::string& text = fields[3];
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), target.tolerance);
  const bool is_sound = count == fields.size() && parsed.ec == std::errc{} &&
                        (fields[2] == "given" || fields[2] == "predicted") &&
                        (fields[4] == "yes" || fields[4] == "no");
  if (!is_sound) throw UserError(place, "is no line of gpu,family,kernels,tolerance,deviates");
  return target;
}

std::vector<Target> read_targets(const std::filesystem::path& path) {
  std::ifstream file(path);
  if (!file) throw UserError({path.string()}, "cannot be read");
  std::vector<Target> targets;
  std::string text;
  bool is_title = true;
  for (std::int64_t line = 1; std::getline(file, text); ++line) {
    if (text.empty() || text.starts_with('#')) continue;
    if (!is_title) targets.push_back(target_in(text, {path.string(), line}));
    is_title = false;
  }
  return targets;
}

// Families of other types than fp32 have their type in their name.
std::string_view table_of(std::string_view family) {
  if (family.starts_with("attention ")) return "layers_attention.csv";
  const bool is_fp32 = family.find(' ') == std::string_view::npos;
  return is_fp32 ? "layers_fp32.csv" : "layers_tensor.csv";
}

// The layers of the families that the targets name for this GPU.
std::vector<report::Prediction> predictions_of(const LayerSuiteRequest& request,
                                               const std::vector<Target>& targets,
                                               PredictProgress& progress,
                                               const std::atomic<bool>& stop) {
  PredictRequest asked;
  asked.gpu = targets.front().gpu;
  asked.layers = request.folder / table_of(targets.front().family);
  asked.threads = request.threads;
  asked.predict_kernels = !targets.front().kernels_given;
  asked.rows_of_family = request.quick ? kQuickRows : 0;
  for (const Target& target : targets) asked.families.push_back(target.family);
  return predict(asked, progress, stop).predictions;
}

report::ValidationRow layer_of(const report::Prediction& prediction, const LayerSuiteRow& family) {
  report::ValidationRow row;
  row.gpu = prediction.gpu;
  row.suite = "layers";
  row.benchmark = prediction.family + (family.kernels_given ? "" : ", chosen");
  row.parameters = prediction.layer;
  row.unit = "us";
  row.source = fmt::format("{}:{}", table_of(prediction.family), prediction.line);
  row.measured = *prediction.measured * 1e6;
  row.simulated = prediction.predicted() * 1e6;
  row.tolerance = family.tolerance;
  const bool is_beyond = row.verdict() == report::Verdict::missed;
  const report::Verdict whole = family.verdict();
  row.marked =
      whole == report::Verdict::no_longer || (is_beyond && whole != report::Verdict::missed);
  return row;
}

void add_family(LayerSuiteOutcome& outcome, const Target& target,
                const std::vector<report::Prediction>& predictions) {
  const auto errors = report::error_figures(predictions);
  const auto found = std::ranges::find(errors, target.family, &report::ErrorFigures::family);
  if (found == errors.end()) return;
  outcome.rows.push_back({*found, target.kernels_given, target.tolerance, target.marked});
  for (const report::Prediction& prediction : predictions) {
    if (prediction.family != target.family || !prediction.measured) continue;
    outcome.layers.push_back(layer_of(prediction, outcome.rows.back()));
  }
}

}  // namespace

report::Verdict LayerSuiteRow::verdict() const {
  const bool is_off = !(errors.mean_absolute <= tolerance);
  if (is_off) return marked ? report::Verdict::deviates : report::Verdict::missed;
  return marked ? report::Verdict::no_longer : report::Verdict::within;
}

LayerSuiteOutcome run_layer_suite(const LayerSuiteRequest& request, PredictProgress& progress,
                                  const std::atomic<bool>& stop) {
  std::vector<Target> targets = read_targets(request.folder / "layer_errors.csv");
  if (request.gpu) {
    std::erase_if(targets, [&](const Target& target) { return target.gpu != *request.gpu; });
  }
  if (targets.empty()) throw UserError("no layers were measured that this asks for");
  const std::optional<ResultFile> file =
      result_file(request.output, {request.command_line, "layers", request.threads},
                  {request.folder / "layer_errors.csv", request.folder / "layers_fp32.csv",
                   request.folder / "layers_tensor.csv", request.folder / "layers_attention.csv"});
  LayerSuiteOutcome outcome;
  for (auto first = targets.begin(); first != targets.end() && !stop;) {
    const auto last = std::find_if(first, targets.end(), [&](const Target& target) {
      return target.gpu != first->gpu || target.kernels_given != first->kernels_given ||
             table_of(target.family) != table_of(first->family);
    });
    const std::vector<Target> together(first, last);
    const std::vector<report::Prediction> predictions =
        predictions_of(request, together, progress, stop);
    for (const Target& target : together) add_family(outcome, target, predictions);
    first = last;
  }
  if (file && !stop) {
    report::write_validation_file(file->path, outcome.layers, file->provenance);
  }
  return outcome;
}

std::string layer_suite_summary(const std::vector<LayerSuiteRow>& rows,
                                const report::TextStyle& style) {
  std::string text;
  for (auto first = rows.begin(); first != rows.end();) {
    const std::string& gpu = first->errors.gpu;
    report::Table table({{"", "", "over-", "mean", "", "", "", ""},
                         {"family", "rows", "head", "absolute", "90 %", "worst", "bias", ""}});
    for (; first != rows.end() && first->errors.gpu == gpu; ++first) {
      const report::ErrorFigures& errors = first->errors;
      table.add({errors.family + (first->kernels_given ? "" : ", chosen"),
                 std::to_string(errors.rows), report::overhead_text(errors),
                 report::percent_text(errors.mean_absolute),
                 report::percent_text(errors.percentile_90), report::percent_text(errors.worst),
                 fmt::format("{:+.1f} %", errors.bias * 100),
                 std::string(report::text_of(first->verdict()))});
    }
    text += report::heading(gpu, style) + table.text(style);
  }
  return text;
}

}  // namespace strobe::run
