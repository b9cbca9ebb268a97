#include "sim/run/gpu_run.h"

#include <memory>

#include "sim/base/check.h"
#include "sim/device/read_gpu.h"
#include "sim/report/figures.h"
#include "sim/report/output_file.h"
#include "sim/report/provenance.h"
#include "sim/report/run_file.h"
#include "sim/run/version.h"
#include "sim/trace/kernel_list.h"

namespace strobe::run {

namespace {

std::vector<std::filesystem::path> input_files(const device::GpuSpec& gpu,
                                               const trace::Program& program) {
  std::vector<std::filesystem::path> files(gpu.files.begin(), gpu.files.end());
  for (const std::string& file : program.files()) files.emplace_back(file);
  return files;
}

// No route of the machine can carry more than the max-flow of its graph; a run that says otherwise
// has lost time or invented data. Writes that drain after a kernel's end are not counted in its
// time, so only what it waited for is compared.
void check_against_bounds(const device::RunResult& result, const device::GpuSpec& gpu,
                          const report::Limits& limits) {
  constexpr double kRounding = 1.0001;
  for (const device::KernelResult& kernel : result.kernels) {
    const report::Figures figures = report::figures_of(kernel, gpu);
    STROBE_CHECK(
        !(figures.dram_read > report::per_second(limits.dram_to_sms.bandwidth) * kRounding));
    STROBE_CHECK(!(figures.l2_read > report::per_second(limits.l2_to_sms.bandwidth) * kRounding));
  }
}

}  // namespace

device::RunResult replay(const device::GpuSpec& gpu, trace::Program& program,
                         const device::MachineOptions& options, device::Progress& progress) {
  device::Machine machine(gpu, options);
  device::RunResult result = machine.run(program, progress);
  check_against_bounds(result, gpu, report::limits_of(gpu));
  return result;
}

GpuOutcome run_on_gpu(const GpuRequest& request, device::Progress& progress) {
  GpuOutcome outcome;
  outcome.gpu = device::read_gpu(request.gpu);
  const std::unique_ptr<trace::Program> program = trace::open_program(request.trace);
  if (request.output) report::ensure_writable(*request.output);
  program->check();

  report::Provenance provenance;
  if (request.output) {
    provenance = {.strobe_version = kVersion,
                  .command_line = request.command_line,
                  .created = report::utc_now(),
                  .trace = request.trace,
                  .inputs = report::hash_inputs(input_files(outcome.gpu, *program)),
                  .seed = 0,
                  .host_threads = static_cast<std::uint32_t>(request.threads)};
  }

  outcome.result =
      replay(outcome.gpu, *program, {request.threads, request.check_dram, {}}, progress);
  outcome.warnings = program->warnings();
  if (request.output) {
    report::write_run_file(*request.output, outcome.result, outcome.gpu,
                           report::limits_of(outcome.gpu), provenance);
  }
  return outcome;
}

}  // namespace strobe::run
