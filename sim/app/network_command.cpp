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

// What a language model that makes tokens is run in is not fp32, unless it is said.
layers::DataType type_of(const Options& options) {
  const bool decodes = options.has("phase") || options.has("weights");
  const std::string name = options.text("dtype").value_or(decodes ? "bf16" : "fp32");
  const auto type = layers::data_type_named(name);
  if (!type) throw UserError("--dtype: '" + name + "' is not a known type");
  return *type;
}

std::string weights_of(const Options& options) {
  std::string name = options.text("weights").value_or("");
  if (!name.empty() && layers::weight_format_named(name) == nullptr) {
    throw UserError("--weights: '" + name +
                    "' is none of fp32, fp16, bf16, fp8, q8_0, q4_0, nvfp4, mxfp4");
  }
  return name;
}

networks::SequenceSizes sequence_of(const Options& options) {
  networks::SequenceSizes sizes;
  sizes.tokens = static_cast<std::uint64_t>(options.number("tokens", 0, 1));
  sizes.context = static_cast<std::uint64_t>(options.number("context", 0, 1));
  const std::optional<std::string> phase = options.text("phase");
  if (!phase) return sizes;
  if (*phase != "decode" && *phase != "prefill") {
    throw UserError("--phase: '" + *phase + "' is neither decode nor prefill");
  }
  if (sizes.tokens > 0) throw UserError("--phase says how many --tokens go in");
  constexpr std::uint64_t kContext = 2048;
  if (sizes.context == 0) sizes.context = kContext;
  sizes.tokens = *phase == "decode" ? 1 : sizes.context;
  return sizes;
}

}  // namespace

const std::vector<OptionSpec>& network_options() {
  static const std::vector<OptionSpec> kOptions{
      {"batch,b", "N", "samples of a step, default 1"},
      {"train", "", "a training step: forward, backward and the optimiser"},
      {"optimiser", "NAME", "sgd, momentum (default) or adam"},
      {"dtype", "TYPE", "of everything, default fp32"},
      {"weights", "FORMAT", "of dense layers: bf16, fp8, q8_0, q4_0, nvfp4, mxfp4, ..."},
      {"phase", "NAME", "decode: a token after --context others; prefill: all of --context"},
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
  request.step.weights = weights_of(options);
  request.sequence = sequence_of(options);
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
