#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "sim/app/options.h"
#include "sim/app/progress_bar.h"
#include "sim/app/stop_signal.h"
#include "sim/base/error.h"
#include "sim/report/json_results.h"
#include "sim/run/layer_suite.h"
#include "sim/run/power_suite.h"
#include "sim/run/version.h"
#include "sim/validate/figure.h"
#include "sim/validate/validate.h"

namespace strobe::app {

namespace {

std::string suites_text() {
  std::string text;
  for (const validate::Suite& suite : validate::kSuites) {
    text +=
        fmt::format("\n  {:<12} {:>2.0f} %  {}", suite.name, 100 * suite.tolerance, suite.meaning);
  }
  return text +
         "\n  layers           times of layers, by family: as layer_errors.csv says"
         "\n  power        15 %  of boards under sustained load: as power.csv says";
}

const Syntax& syntax() {
  static const Syntax kSyntax{
      "strobe validate [GPU] [options]",
      "Runs what was measured on hardware (validation/measured) on the model and prints both.\n"
      "Fails when a figure is off by more than its suite tolerates and is not marked as "
      "deviating,\n"
      "and when one that is marked no longer deviates.\n\nSuites, with their tolerance:" +
          suites_text(),
      {"GPU"},
      {{"suite,s", "NAME", "only this suite"},
       {"quick", "",
        "only the latency and bandwidth suites, of three GPUs unless one is named; of the "
        "layers some rows"},
       {"measured", "FILE", "a table of your own, as tools/microbench writes it, against GPU"},
       {"output,o", "FILE", "write both to an HDF5 file (docs/FORMATS.md)"},
       {"markdown", "", "print one Markdown table"},
       {"threads,j", "N", "threads to run on, default 1; results do not depend on it"},
       kJsonOption,
       {"quiet,q", "", "print no progress and no tables, only what is not as it should be"}},
      1};
  return kSyntax;
}

void print(const Options& options, const validate::Outcome& outcome) {
  if (options.has("json")) {
    fmt::print("{}\n", report::validation_json(outcome.rows).text());
  } else if (options.has("markdown")) {
    fmt::print("{}", report::validation_markdown(outcome.rows));
  } else if (!options.has("quiet")) {
    fmt::print("{}", report::validation_summary(outcome.rows, report::style_of(STDOUT_FILENO)));
  }
  for (const std::string& gpu : outcome.not_run) {
    fmt::print(stderr, "not run: {} has measured figures, but no config\n", gpu);
  }
  for (const report::ValidationRow& row : outcome.rows) {
    const report::Verdict verdict = row.verdict();
    if (verdict != report::Verdict::missed && verdict != report::Verdict::no_longer) continue;
    fmt::print(stderr, "{} {} {} {}: {:.4g} {} in place of {:.4g}, {:+.1f} % {}\n", row.gpu,
               row.suite, row.benchmark, row.parameters, row.simulated, row.unit, row.measured,
               100 * row.error(),
               verdict == report::Verdict::missed ? "is too far off" : "no longer deviates");
  }
}

int validate_layers(const Options& options) {
  if (options.has("measured") || options.has("output") || options.has("markdown") ||
      options.has("json")) {
    throw UserError("the suite of layers is told as a table; strobe predict has rows and files");
  }
  run::LayerSuiteRequest request;
  request.folder = validate::measured_folder();
  if (options.has_word(0)) request.gpu = options.word(0);
  request.quick = options.has("quick");
  request.threads = static_cast<int>(options.number("threads", 1, 1));
  const StopSignal stop;
  std::vector<run::LayerSuiteRow> rows;
  {
    ProgressBar progress(!options.has("quiet"));
    rows = run::run_layer_suite(request, progress, stop.asked());
  }
  if (stop.asked()) return stop.exit_status();
  fmt::print("{}", run::layer_suite_summary(rows, report::style_of(STDOUT_FILENO)));
  const bool all_as_expected = std::ranges::all_of(rows, [](const run::LayerSuiteRow& row) {
    return row.verdict() == report::Verdict::within || row.verdict() == report::Verdict::deviates;
  });
  return all_as_expected ? 0 : 1;
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
  validate::Outcome outcome;
  {
    ProgressBar progress(!options.has("quiet"));
    outcome.rows = run::run_power_suite(request, progress, stop.asked());
  }
  if (stop.asked()) return stop.exit_status();
  print(options, outcome);
  return report::all_as_expected(outcome.rows) ? 0 : 1;
}

}  // namespace

int validate_command(const Words& words) {
  const Options options(syntax(), words);
  if (options.helped()) return 0;
  if (options.text("suite") == "layers") return validate_layers(options);
  if (options.text("suite") == "power") return validate_power(options);
  validate::Request request;
  if (options.has_word(0)) request.gpus.push_back(options.word(0));
  request.suite = options.text("suite");
  request.quick = options.has("quick");
  request.measured = options.path("measured");
  request.output = options.path("output");
  request.threads = static_cast<int>(options.number("threads", 1, 1));
  request.strobe_version = run::kVersion;
  request.command_line = "strobe validate";
  for (const std::string& word : words) request.command_line += " " + word;

  validate::Outcome outcome;
  {
    ProgressBar progress(!options.has("quiet"));
    outcome = validate::validate(request, progress);
  }
  print(options, outcome);
  return report::all_as_expected(outcome.rows) ? 0 : 1;
}

}  // namespace strobe::app
