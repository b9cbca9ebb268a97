#include <fmt/format.h>
#include <unistd.h>

#include "sim/app/command.h"
#include "sim/app/network_command.h"
#include "sim/app/options.h"
#include "sim/app/progress_bar.h"
#include "sim/app/stop_signal.h"
#include "sim/base/error.h"
#include "sim/report/json_results.h"
#include "sim/report/predictions.h"
#include "sim/run/predict.h"

namespace strobe::app {

namespace {

std::vector<OptionSpec> options_of_both() {
  std::vector<OptionSpec> all{
      {"layers", "FILE", "the table"},
      {"output,o", "FILE", "write everything to an HDF5 file (docs/FORMATS.md)"},
      {"threads,j", "N", "layers to run side by side, default 1"},
      {"exact", "", "simulate every CTA and every round of a loop"},
      {"predict-kernels", "", "choose the kernels of matrix products although the table has them"},
      {"quiet,q", "", "print no table and no progress"}};
  all.push_back(kJsonOption);
  all.push_back(kPowerLimitOption);
  all.insert(all.end(), network_options().begin(), network_options().end());
  return all;
}

const Syntax& syntax() {
  static const Syntax kSyntax{
      "strobe predict GPU NETWORK|--layers FILE [options]",
      "Says how long a step of NETWORK takes on GPU, layer by layer: one of configs/networks, a\n"
      "file like those or an ONNX file. Or how long each layer of a table takes, and how far that "
      "is from what "
      "was\n"
      "measured where the table says so. FILE is CSV with the columns op and shape, and if wanted "
      "gpu, "
      "dtype,\n"
      "latency_us, main_kernel, kernels, grid, block, l2 (cold or warm) and source (who "
      "measured):\n"
      "linear,batch=1;M=2048;N=4096;K=1024.\n"
      "Rows that cannot be used are listed and the rest runs. Ctrl-C ends it with the rows that "
      "are\n"
      "done.",
      {"GPU", "NETWORK"},
      options_of_both(),
      1};
  return kSyntax;
}

void list_refused(const std::vector<layers::RefusedRow>& refused, const std::string& file) {
  for (const layers::RefusedRow& row : refused) {
    fmt::print(stderr, "{}:{}: not used: {}\n", file, row.line, row.why);
  }
}

}  // namespace

int predict_command(const Words& words) {
  const Options options(syntax(), words);
  if (options.helped()) return 0;
  std::string command_line = "strobe predict";
  for (const std::string& word : words) command_line += " " + word;
  const std::optional<std::string> table = options.text("layers");
  if (options.has_word(1) == table.has_value()) {
    throw UserError("either NETWORK or --layers FILE\nusage: " + syntax().usage);
  }
  if (!table) return predict_network(options, command_line);
  refuse_network_options(options);
  run::PredictRequest request;
  request.gpu = options.word(0);
  request.layers = *table;
  request.output = options.path("output");
  request.threads = static_cast<int>(options.number("threads", 1, 1));
  request.exact = options.has("exact");
  request.predict_kernels = options.has("predict-kernels");
  request.power_limit = power_limit_of(options, "board");
  request.command_line = command_line;

  const StopSignal stop;
  run::PredictOutcome outcome;
  {
    ProgressBar progress(!options.has("quiet"));
    outcome = run::predict(request, progress, stop.asked());
  }
  list_refused(outcome.refused, *table);
  if (options.has("json")) {
    fmt::print("{}\n", report::predictions_json(outcome.predictions).text());
  } else if (!options.has("quiet")) {
    fmt::print("{}",
               report::predictions_summary(outcome.predictions, report::style_of(STDOUT_FILENO)));
  }
  if (outcome.complete) return 0;
  fmt::print(stderr, "stopped: {} rows were done\n", outcome.predictions.size());
  return stop.exit_status();
}

}  // namespace strobe::app
