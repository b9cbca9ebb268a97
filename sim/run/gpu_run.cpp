#include "sim/run/gpu_run.h"

#include <memory>

#include "sim/device/cpu_load.h"
#include "sim/device/managed_memory.h"
#include "sim/device/mig.h"
#include "sim/device/read_gpu.h"
#include "sim/run/what_if.h"
#include "sim/trace/kernel_list.h"

namespace strobe::run {

device::RunResult replay(const device::GpuSpec& gpu, trace::Program& program,
                         const device::MachineOptions& options, device::Progress& progress) {
  device::Machine machine(gpu, options);
  device::RunResult result = machine.run(program, progress);
  check_against_bounds(result, gpu);
  return result;
}

GpuOutcome run_on_gpu(const GpuRequest& request, device::Progress& progress) {
  check_what_ifs(request.what_if);
  GpuOutcome outcome;
  outcome.gpu = device::read_gpu(request.gpu, device::overrides_of_gpu(request.settings));
  if (!request.mig.empty()) outcome.gpu = device::mig_instance(outcome.gpu, request.mig);
  if (request.cpu_load) device::set_cpu_load(outcome.gpu, *request.cpu_load);
  if (request.managed) device::manage_memory(outcome.gpu);
  const std::unique_ptr<trace::Program> program = trace::open_program(request.trace);
  program->check();
  std::vector<std::filesystem::path> inputs(outcome.gpu.files.begin(), outcome.gpu.files.end());
  for (const std::string& file : program->files()) inputs.emplace_back(file);
  const std::optional<ResultFile> file =
      result_file(request.output, {request.command_line, request.trace, request.threads}, inputs);

  device::MachineOptions options{request.threads, request.check_dram, {}};
  options.most_cta_spans = most_cta_spans(request.timeline);
  options.over_time = file.has_value() || request.timeline.has_value();
  auto sustained = device::run_within(
      request.power_limit.watts_of(outcome.gpu), outcome.gpu,
      [&](const device::GpuSpec& gpu) { return replay(gpu, *program, options, progress); },
      load_of);
  outcome.gpu = std::move(sustained.gpu);
  outcome.result = std::move(sustained.outcome);
  outcome.what_ifs =
      run_what_ifs(request.what_if, outcome.gpu, outcome.result, [&](const device::GpuSpec& gpu) {
        return replay(gpu, *program, {request.threads, false, {}}, progress);
      });
  outcome.warnings = program->warnings();
  if (file) write_result(outcome, *file);
  if (request.timeline) write_timeline(outcome, *request.timeline);
  return outcome;
}

}  // namespace strobe::run
