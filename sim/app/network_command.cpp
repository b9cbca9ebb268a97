#include "sim/app/network_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include "sim/app/progress_bar.h"
#include "sim/base/error.h"
#include "sim/run/network_choice.h"

namespace strobe::app {

namespace {

// What `take` finds wrong with the value of an option is said of that option.
template <class Take>
void take_option(const Options& options, const std::string& name, const Take& take) {
  const std::optional<std::string> value = options.text(name);
  if (!value) return;
  try {
    take(*value);
  } catch (const UserError& error) {
    throw UserError("--" + name + ": " + error.what());
  }
}

networks::StepOptions step_of(const Options& options) {
  networks::StepOptions step;
  step.training = options.has("train");
  step.type = run::usual_type(options.has("phase") || options.has("weights"));
  take_option(options, "optimiser",
              [&](const std::string& name) { step.optimiser = run::optimiser_named(name); });
  take_option(options, "optimiser-launches",
              [&](const std::string& name) { step.updates_by_tensor = run::is_by_tensor(name); });
  take_option(options, "host-interval",
              [&](const std::string& text) { step.host_interval = run::interval_named(text); });
  take_option(options, "dtype",
              [&](const std::string& name) { step.type = run::type_named(name); });
  step.is_type_given = options.has("dtype");
  take_option(options, "weights",
              [&](const std::string& name) { step.weights = run::weights_named(name); });
  take_option(options, "head",
              [&](const std::string& name) { step.head = run::weights_named(name); });
  take_option(options, "attention", [&](const std::string& name) {
    step.wants_eager_attention = run::is_eager_attention(name);
  });
  return step;
}

networks::SequenceSizes sequence_of(const Options& options) {
  networks::SequenceSizes sizes;
  sizes.tokens = static_cast<std::uint64_t>(options.number("tokens", 0, 1));
  sizes.context = static_cast<std::uint64_t>(options.number("context", 0, 1));
  if (options.has("phase") && sizes.tokens > 0) {
    throw UserError("--phase says how many --tokens go in");
  }
  take_option(options, "phase",
              [&](const std::string& name) { sizes = run::sizes_in_phase(name, sizes); });
  return sizes;
}

}  // namespace

run::PowerLimit power_limit_of(const Options& options, const std::string& otherwise) {
  run::PowerLimit limit = run::power_limit_named(otherwise);
  take_option(options, "power-limit",
              [&](const std::string& text) { limit = run::power_limit_named(text); });
  return limit;
}

const std::vector<OptionSpec>& step_options() {
  static const std::vector<OptionSpec> kOptions{
      {"train", "", "a training step: forward, backward and the optimiser"},
      {"optimiser", "NAME", "sgd, momentum (default), adam or adadelta"},
      {"optimiser-launches", "NAME",
       "fused (default): one for all parameters; tensor: several for each tensor, as PyTorch "
       "before 2.0"},
      {"host-interval", "TIME",
       "the host calls an operator only so often, as 20us; default 0: it is never late"},
      {"dtype", "TYPE", "of everything, default fp32"},
      {"weights", "FORMAT", "of dense layers: bf16, fp8, q8_0, q4_0, nvfp4, mxfp4, ..."},
      {"head", "FORMAT",
       "of the layer that makes the vocabulary's scores, default --weights, but --dtype beside "
       "fp8, nvfp4 and mxfp4"},
      {"attention", "NAME",
       "fused (default): one kernel where the GPU has it; eager: products, softmax and the like"},
      {"phase", "NAME", "decode: a token after --context others; prefill: all of --context"},
      {"tokens", "N", "places of a sequence that go in at once, default as the file says"},
      {"context", "N", "places that attention looks back at, default --tokens"},
      {"epoch", "", "also the time of an epoch"}};
  return kOptions;
}

const std::vector<OptionSpec>& network_options() {
  static const std::vector<OptionSpec> kOptions = [] {
    std::vector<OptionSpec> all{{"batch,b", "N", "samples of a step, default 1"}};
    all.insert(all.end(), step_options().begin(), step_options().end());
    return all;
  }();
  return kOptions;
}

void refuse_network_options(const Options& options) {
  for (const OptionSpec& option : network_options()) {
    const std::string name = option.name.substr(0, option.name.find(','));
    if (options.has(name)) throw UserError("--" + name + " is for a network only");
  }
}

run::NetworkRequest step_request(const Options& options) {
  run::NetworkRequest request;
  request.step = step_of(options);
  request.sequence = sequence_of(options);
  request.output = options.path("output");
  request.effort.threads = static_cast<int>(options.number("threads", 1, 1));
  request.effort.exact = options.has("exact");
  request.effort.power_limit = power_limit_of(options, "board");
  return request;
}

int predict_network(const Options& options, const std::string& command_line) {
  run::NetworkRequest request = step_request(options);
  request.gpu = options.word(0);
  request.network = options.word(1);
  request.step.batch = static_cast<std::uint64_t>(options.number("batch", 1, 1));
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
