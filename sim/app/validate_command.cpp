#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sim/app/options.h"
#include "sim/app/progress_bar.h"
#include "sim/app/suite_commands.h"
#include "sim/base/error.h"
#include "sim/device/catalogue.h"
#include "sim/layers/layer_table.h"
#include "sim/run/version.h"
#include "sim/validate/figure.h"
#include "sim/validate/validate.h"

namespace strobe::app {

namespace {

// Beside those of validate::kSuites.
constexpr std::array<std::string_view, 3> kSuitesOfTimes{"layers", "power", "networks"};

// Before any work, and for every suite alike.
void require_known(const Options& options) {
  if (options.has_word(0)) device::find_gpu(options.word(0));
  const std::optional<std::string> suite = options.text("suite");
  if (!suite) return;
  std::vector<std::string_view> known;
  for (const validate::Suite& each : validate::kSuites) known.push_back(each.name);
  known.insert(known.end(), kSuitesOfTimes.begin(), kSuitesOfTimes.end());
  if (std::ranges::find(known, *suite) != known.end()) return;
  throw UserError({"--suite"}, fmt::format("no suite is called '{}'; there are {}", *suite,
                                           fmt::join(known, ", ")));
}

std::string suites_text() {
  std::string text;
  for (const validate::Suite& suite : validate::kSuites) {
    text +=
        fmt::format("\n  {:<12} {:>2.0f} %  {}", suite.name, 100 * suite.tolerance, suite.meaning);
  }
  return text +
         "\n  layers           times of layers, by family: as layer_errors.csv says"
         "\n  power        15 %  of boards under sustained load: as power.csv says"
         "\n  networks         steps: decoding 8 %, prefill 12 %, inference and training 15 %";
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

void tell(const Options& options, const validate::Outcome& outcome) {
  print_validation(options, outcome.rows);
  for (const std::string& gpu : outcome.not_run) {
    fmt::print(stderr, "not run: {} has measured figures, but no config\n", gpu);
  }
}

}  // namespace

int validate_command(const Words& words) {
  const Options options(syntax(), words);
  if (options.helped()) return 0;
  std::string command_line = "strobe validate";
  for (const std::string& word : words) command_line += " " + word;
  require_known(options);
  if (options.text("suite") == "layers") return validate_layers(options, command_line);
  if (options.text("suite") == "power") return validate_power(options);
  if (options.text("suite") == "networks") return validate_networks(options, command_line);
  if (options.has("measured") && layers::is_layer_table(*options.path("measured"))) {
    return validate_own_layers(options, command_line);
  }
  validate::Request request;
  if (options.has_word(0)) request.gpus.push_back(options.word(0));
  request.suite = options.text("suite");
  request.quick = options.has("quick");
  request.measured = options.path("measured");
  request.output = options.path("output");
  request.threads = static_cast<int>(options.number("threads", 1, 1));
  request.strobe_version = run::kVersion;
  request.command_line = command_line;

  validate::Outcome outcome;
  {
    ProgressBar progress(!options.has("quiet"));
    outcome = validate::validate(request, progress);
  }
  tell(options, outcome);
  return report::all_as_expected(outcome.rows) ? 0 : 1;
}

}  // namespace strobe::app
