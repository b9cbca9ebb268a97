#include "sim/run/layer_run.h"

#include "sim/device/cpu_load.h"
#include "sim/device/mig.h"
#include "sim/device/read_gpu.h"
#include "sim/layers/layer_text.h"
#include "sim/layers/layer_time.h"
#include "sim/layers/lower.h"
#include "sim/run/what_if.h"

namespace strobe::run {

GpuOutcome run_layer(const LayerRequest& request, device::Progress& progress) {
  check_what_ifs(request.what_if);
  GpuOutcome outcome;
  outcome.gpu = device::read_gpu(request.gpu, device::overrides_of_gpu(request.settings));
  if (!request.mig.empty()) outcome.gpu = device::mig_instance(outcome.gpu, request.mig);
  if (request.cpu_load) device::set_cpu_load(outcome.gpu, *request.cpu_load);
  const layers::Layer layer = layers::parse_layer(request.layer);
  const auto kernels = layers::lower(layer, outcome.gpu, request.kernel);
  const std::optional<ResultFile> file =
      result_file(request.output, {request.command_line, layers::to_text(layer), request.threads},
                  {outcome.gpu.files.begin(), outcome.gpu.files.end()});
  layers::TimingOptions options{request.threads, request.exact, request.check_dram,
                                most_cta_spans(request.timeline)};
  options.over_time = file.has_value() || request.timeline.has_value();
  auto sustained = time_sustained(kernels, outcome.gpu, request.power_limit, options, progress);
  outcome.gpu = std::move(sustained.gpu);
  outcome.result = std::move(sustained.outcome);
  check_against_bounds(outcome.result, outcome.gpu);
  outcome.what_ifs =
      run_what_ifs(request.what_if, outcome.gpu, outcome.result, [&](const device::GpuSpec& gpu) {
        return layers::time_kernels(kernels, gpu, {request.threads, request.exact, false},
                                    progress);
      });
  if (file) write_result(outcome, *file);
  if (request.timeline) write_timeline(outcome, *request.timeline);
  return outcome;
}

}  // namespace strobe::run
