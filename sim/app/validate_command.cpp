#include <fmt/format.h>
#include <unistd.h>

#include "sim/app/command.h"
#include "sim/app/options.h"
#include "sim/app/progress_bar.h"
#include "sim/report/json_results.h"
#include "sim/run/version.h"
#include "sim/validate/validate.h"

namespace strobe::app {

namespace {

std::string suites_text() {
  std::string text;
  for (const validate::Suite& suite : validate::kSuites) {
    text +=
        fmt::format("\n  {:<12} {:>2.0f} %  {}", suite.name, 100 * suite.tolerance, suite.meaning);
  }
  return text;
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
       {"quick", "", "only the latency and bandwidth suites, of three GPUs unless one is named"},
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

}  // namespace

int validate_command(const Words& words) {
  const Options options(syntax(), words);
  if (options.helped()) return 0;
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
