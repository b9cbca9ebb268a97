#include "sim/app/layer_command.h"

#include <fmt/format.h>

#include "sim/app/network_command.h"
#include "sim/app/progress_bar.h"
#include "sim/app/report_outcome.h"
#include "sim/base/error.h"
#include "sim/run/layer_run.h"

namespace strobe::app {

namespace {

// "14x3x5"
std::array<std::uint32_t, 3> extents(const Options& options, const char* name) {
  const std::optional<std::string> text = options.text(name);
  if (!text) throw UserError(std::string("--kernel needs --") + name);
  const auto parsed = layers::parse_extents(*text);
  if (!parsed) throw UserError(fmt::format("--{}: '{}' is no size such as 14x3x1", name, *text));
  return *parsed;
}

std::optional<layers::GivenKernel> kernel_of(const Options& options) {
  const std::optional<std::string> name = options.text("kernel");
  if (!name) return std::nullopt;
  return layers::GivenKernel{*name, extents(options, "grid"), extents(options, "block"), false};
}

}  // namespace

const std::vector<OptionSpec>& layer_options() {
  static const std::vector<OptionSpec> kOptions{
      {"layer", "TEXT", "run this layer instead of a trace: \"linear m=2048 n=4096 k=1024\""},
      {"kernel", "NAME", "of a matrix product, the library's kernel, with --grid"},
      {"grid", "XxYxZ", "the CTAs of --kernel"},
      {"block", "XxYxZ", "the threads of a CTA of --kernel"},
      {"exact", "", "simulate every CTA and every round of a loop"}};
  return kOptions;
}

void refuse_layer_options(const Options& options) {
  for (const OptionSpec& option : layer_options()) {
    if (options.has(option.name)) throw UserError("--" + option.name + " is for --layer only");
  }
}

int run_layer(const Options& options, const std::string& command_line) {
  if (options.has_word(1)) throw UserError("--layer takes the place of TRACE");
  run::LayerRequest request;
  request.gpu = options.word(0);
  request.layer = *options.text("layer");
  request.kernel = kernel_of(options);
  request.output = options.path("output");
  request.threads = static_cast<int>(options.number("threads", 1, 1));
  request.check_dram = options.has("check-dram");
  request.exact = options.has("exact");
  request.command_line = command_line;
  request.timeline = options.path("timeline");
  request.power_limit = power_limit_of(options, "board");
  request.mig = options.text("mig").value_or("");
  request.what_if = options.text("what-if");
  request.settings = options.text("set").value_or("");
  request.cpu_load = options.bandwidth("cpu-load");
  run::GpuOutcome outcome;
  {
    ProgressBar progress(!options.has("quiet"));
    outcome = run::run_layer(request, progress);
  }
  return report_outcome(options, outcome, request.layer);
}

}  // namespace strobe::app
