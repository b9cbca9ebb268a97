#include "sim/app/suite_commands.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "sim/app/progress_bar.h"
#include "sim/app/stop_signal.h"
#include "sim/base/error.h"
#include "sim/report/json_results.h"
#include "sim/run/layer_suite.h"
#include "sim/run/network_suite.h"
#include "sim/run/power_suite.h"
#include "sim/validate/figure.h"

namespace strobe::app {

void print_validation(const Options& options, const std::vector<report::ValidationRow>& rows) {
  if (options.has("json")) {
    fmt::print("{}\n", report::validation_json(rows).text());
  } else if (options.has("markdown")) {
    fmt::print("{}", report::validation_markdown(rows));
  } else if (!options.has("quiet")) {
    fmt::print("{}", report::validation_summary(rows, report::style_of(STDOUT_FILENO)));
  }
  for (const report::ValidationRow& row : rows) {
    const report::Verdict verdict = row.verdict();
    if (verdict != report::Verdict::missed && verdict != report::Verdict::no_longer) continue;
    fmt::print(stderr, "{} {} {} {}: {:.4g} {} in place of {:.4g}, {:+.1f} % {}\n", row.gpu,
               row.suite, row.benchmark, row.parameters, row.simulated, row.unit, row.measured,
               100 * row.error(),
               verdict == report::Verdict::missed ? "is too far off" : "no longer deviates");
  }
}

int validate_layers(const Options& options, const std::string& command_line) {
  run::LayerSuiteRequest request;
  request.folder = validate::measured_folder();
  if (options.has_word(0)) request.gpu = options.word(0);
  request.quick = options.has("quick");
  request.threads = static_cast<int>(options.number("threads", 1, 1));
  request.output = options.path("output");
  request.command_line = command_line;
  const StopSignal stop;
  run::LayerSuiteOutcome outcome;
  {
    ProgressBar progress(!options.has("quiet"));
    outcome = run::run_layer_suite(request, progress, stop.asked());
  }
  if (stop.asked()) return stop.exit_status();
  if (options.has("json")) {
    fmt::print("{}\n", report::validation_json(outcome.layers).text());
  } else if (options.has("markdown")) {
    fmt::print("{}", report::validation_markdown(outcome.layers));
  } else if (!options.has("quiet")) {
    fmt::print("{}", run::layer_suite_summary(outcome.rows, report::style_of(STDOUT_FILENO)));
  }
  bool all_as_expected = true;
  for (const run::LayerSuiteRow& row : outcome.rows) {
    const report::Verdict verdict = row.verdict();
    if (verdict != report::Verdict::missed && verdict != report::Verdict::no_longer) continue;
    all_as_expected = false;
    fmt::print(stderr, "{} layers {}{}: {:.1f} % mean error {}\n", row.errors.gpu,
               row.errors.family, row.kernels_given ? "" : ", chosen",
               100 * row.errors.mean_absolute,
               verdict == report::Verdict::missed ? "is too far off" : "no longer deviates");
  }
  return all_as_expected ? 0 : 1;
}

int validate_own_layers(const Options& options, const std::string& command_line) {
  if (!options.has_word(0) || options.has("suite") || options.has("markdown")) {
    throw UserError("--measured with layers is of one GPU, without --suite and --markdown");
  }
  run::PredictRequest request;
  request.gpu = options.word(0);
  request.layers = *options.path("measured");
  request.output = options.path("output");
  request.threads = static_cast<int>(options.number("threads", 1, 1));
  request.rows_of_family = options.has("quick") ? run::kQuickRows : 0;
  request.command_line = command_line;
  const StopSignal stop;
  run::PredictOutcome outcome;
  {
    ProgressBar progress(!options.has("quiet"));
    outcome = run::predict(request, progress, stop.asked());
  }
  for (const layers::RefusedRow& row : outcome.refused) {
    fmt::print(stderr, "{}:{}: not used: {}\n", request.layers.string(), row.line, row.why);
  }
  if (outcome.other_gpus > 0) {
    fmt::print(stderr, "{}: not used: {} rows of other GPUs than {}\n", request.layers.string(),
               outcome.other_gpus, request.gpu);
  }
  if (options.has("json")) {
    fmt::print("{}\n", report::predictions_json(outcome.predictions).text());
  } else if (!options.has("quiet")) {
    fmt::print("{}",
               report::predictions_summary(outcome.predictions, report::style_of(STDOUT_FILENO)));
  }
  return outcome.complete ? 0 : stop.exit_status();
}

int validate_networks(const Options& options, const std::string& command_line) {
  if (options.has("measured")) throw UserError("--measured is for the other suites");
  run::NetworkSuiteRequest request;
  request.table = validate::measured_folder() / "networks.csv";
  if (options.has_word(0)) request.gpu = options.word(0);
  request.quick = options.has("quick");
  request.effort.threads = static_cast<int>(options.number("threads", 1, 1));
  request.output = options.path("output");
  request.command_line = command_line;
  const StopSignal stop;
  run::NetworkSuiteOutcome outcome;
  {
    ProgressBar progress(!options.has("quiet"));
    outcome = run::run_network_suite(request, progress, stop.asked());
  }
  if (stop.asked()) return stop.exit_status();
  print_validation(options, outcome.rows);
  if (!options.has("json") && !options.has("markdown") && !options.has("quiet")) {
    fmt::print("\n{}", run::network_suite_means(outcome.rows, report::style_of(STDOUT_FILENO)));
  }
  for (const std::string& why : outcome.not_run) fmt::print(stderr, "not run: {}\n", why);
  return report::all_as_expected(outcome.rows) ? 0 : 1;
}

int validate_power(const Options& options) {
  if (options.has("measured") || options.has("output")) {
    throw UserError("the suite of power has a table of its own and no file");
  }
  run::PowerSuiteRequest request;
  request.folder = validate::measured_folder();
  if (options.has_word(0)) request.gpu = options.word(0);
  request.quick = options.has("quick");
  request.threads = static_cast<int>(options.number("threads", 1, 1));
  const StopSignal stop;
  std::vector<report::ValidationRow> rows;
  {
    ProgressBar progress(!options.has("quiet"));
    rows = run::run_power_suite(request, progress, stop.asked());
  }
  if (stop.asked()) return stop.exit_status();
  print_validation(options, rows);
  return report::all_as_expected(rows) ? 0 : 1;
}

}  // namespace strobe::app
