#include "sim/run/outcome.h"

#include "sim/base/check.h"
#include "sim/report/figures.h"
#include "sim/report/output_file.h"
#include "sim/report/run_file.h"
#include "sim/report/timeline.h"
#include "sim/run/version.h"

namespace strobe::run {

std::optional<ResultFile> result_file(const std::optional<std::filesystem::path>& path,
                                      const RunOrigin& origin,
                                      const std::vector<std::filesystem::path>& inputs) {
  if (!path) return std::nullopt;
  report::ensure_writable(*path);
  return ResultFile{*path,
                    {.strobe_version = kVersion,
                     .command_line = origin.command_line,
                     .created = report::utc_now(),
                     .trace = origin.work,
                     .inputs = report::hash_inputs(inputs),
                     .seed = 0,
                     .host_threads = static_cast<std::uint32_t>(origin.threads)}};
}

namespace {

// B/s that the CPU read beside the GPU, which does not pass the GPU's links.
double cpu_read(const device::KernelResult& kernel, const report::Figures& figures) {
  return figures.simulated_time > 0
             ? static_cast<double>(kernel.cpu.read_bytes) / figures.simulated_time
             : 0;
}

}  // namespace

void check_against_bounds(const device::RunResult& result, const device::GpuSpec& gpu) {
  constexpr double kRounding = 1.0001;
  const report::Limits limits = report::limits_of(gpu);
  for (const device::KernelResult& kernel : result.kernels) {
    const report::Figures figures = report::figures_of(kernel, gpu);
    STROBE_CHECK(!(figures.dram_read - cpu_read(kernel, figures) >
                   report::per_second(limits.dram_to_sms.bandwidth) * kRounding));
    STROBE_CHECK(!(figures.l2_read > report::per_second(limits.l2_to_sms.bandwidth) * kRounding));
  }
}

std::uint64_t most_cta_spans(const std::optional<std::filesystem::path>& path) {
  if (!path) return 0;
  report::ensure_writable(*path);
  return report::kMostTimelineCtas;
}

void write_timeline(const GpuOutcome& outcome, const std::filesystem::path& path) {
  report::write_timeline(path, outcome.result, outcome.gpu, report::limits_of(outcome.gpu));
}

void write_result(const GpuOutcome& outcome, const ResultFile& file) {
  report::write_run_file(file.path, outcome.result, outcome.gpu, report::limits_of(outcome.gpu),
                         file.provenance);
}

}  // namespace strobe::run
