#include "sim/app/network_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>

#include "sim/app/progress_bar.h"
#include "sim/base/error.h"
#include "sim/run/network_run.h"

namespace strobe::app {

namespace {

networks::Optimiser optimiser_of(const Options& options) {
  constexpr std::array<std::string_view, 3> kNames{"sgd", "momentum", "adam"};
  const std::string name = options.text("optimiser").value_or("momentum");
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<networks::Optimiser>(i);
  }
  throw UserError("--optimiser: '" + name + "' is none of sgd, momentum, adam");
}

layers::DataType type_of(const Options& options) {
  const std::string name = options.text("dtype").value_or("fp32");
  const auto type = layers::data_type_named(name);
  if (!type) throw UserError("--dtype: '" + name + "' is not a known type");
  return *type;
}

}  // namespace

const std::vector<OptionSpec>& network_options() {
  static const std::vector<OptionSpec> kOptions{
      {"batch,b", "N", "samples of a step, default 1"},
      {"train", "", "a training step: forward, backward and the optimiser"},
      {"optimiser", "NAME", "sgd, momentum (default) or adam"},
      {"dtype", "TYPE", "of everything, default fp32"},
      {"tokens", "N", "places of a sequence that go in at once, default as the file says"},
      {"context", "N", "places that attention looks back at, default --tokens"},
      {"epoch", "", "also the time of an epoch"}};
  return kOptions;
}

void refuse_network_options(const Options& options) {
  for (const OptionSpec& option : network_options()) {
    const std::string name = option.name.substr(0, option.name.find(','));
    if (options.has(name)) throw UserError("--" + name + " is for a network only");
  }
}

int predict_network(const Options& options, const std::string& command_line) {
  run::NetworkRequest request;
  request.gpu = options.word(0);
  request.network = options.word(1);
  request.step.batch = static_cast<std::uint64_t>(options.number("batch", 1, 1));
  request.step.training = options.has("train");
  request.step.optimiser = optimiser_of(options);
  request.step.type = type_of(options);
  request.sequence.tokens = static_cast<std::uint64_t>(options.number("tokens", 0, 0));
  request.sequence.context = static_cast<std::uint64_t>(options.number("context", 0, 0));
  request.output = options.path("output");
  request.threads = static_cast<int>(options.number("threads", 1, 1));
  request.exact = options.has("exact");
  request.command_line = command_line;
  run::NetworkOutcome outcome;
  {
    ProgressBar progress(!options.has("quiet"));
    outcome = run::predict_network(request, progress);
  }
  if (options.has("epoch") && outcome.report.samples == 0) {
    throw UserError("--epoch: " + request.network + " does not say how many samples one has");
  }
  if (options.has("json")) {
    fmt::print("{}\n", report::network_json(outcome.report, outcome.gpu).text());
  } else if (!options.has("quiet")) {
    fmt::print("{}", report::network_summary(outcome.report, outcome.gpu, options.has("epoch"),
                                             report::style_of(STDOUT_FILENO)));
  }
  return 0;
}

}  // namespace strobe::app
