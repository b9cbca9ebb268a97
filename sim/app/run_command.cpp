#include <fmt/format.h>
#include <unistd.h>

#include "sim/app/command.h"
#include "sim/app/options.h"
#include "sim/app/progress_bar.h"
#include "sim/base/error.h"
#include "sim/report/figures.h"
#include "sim/report/memory_run.h"
#include "sim/report/summary.h"
#include "sim/run/gpu_run.h"
#include "sim/run/memory_run.h"
#include "sim/run/target.h"

namespace strobe::app {

namespace {

const Syntax& syntax() {
  static const Syntax kSyntax{
      "strobe run TARGET TRACE [options]",
      "Replays TRACE on TARGET and says how long it takes and what it waits for.\n\n"
      "TARGET is a GPU (`strobe gpus` lists them) or a memory part by itself (hbm2-2000), by name\n"
      "or as the path of a config file. For a GPU, TRACE is an Accel-Sim/NVBit kernelslist.g, the\n"
      "folder that holds one, or a single .traceg or .trace, plain or .xz. For a memory part it "
      "is\n"
      "a file of requests, one a line: 0x1000 R 12.5ns (docs/FORMATS.md).",
      {"TARGET", "TRACE"},
      {{"output,o", "FILE", "write everything to an HDF5 file (docs/FORMATS.md)"},
       {"threads,j", "N", "threads to run on, default 1; results do not depend on it"},
       {"check-dram", "", "show every DRAM command to an independent checker of the standards"},
       {"command-trace", "FILE", "memory part only: write every DRAM command as text"},
       {"quiet,q", "", "print no summary and no progress"}}};
  return kSyntax;
}

std::string joined(const Words& words) {
  std::string line = "strobe run";
  for (const std::string& word : words) line += " " + word;
  return line;
}

std::optional<std::filesystem::path> path_of(const Options& options, const std::string& name) {
  const std::optional<std::string> text = options.text(name);
  if (!text) return std::nullopt;
  return std::filesystem::path(*text);
}

// Status 1 when the checker found something.
int report_check(std::uint64_t commands, std::uint64_t violations,
                 const std::vector<std::string>& texts) {
  fmt::print("DRAM check: {} commands, {} violations\n", commands, violations);
  for (const std::string& text : texts) fmt::print("  {}\n", text);
  return violations == 0 ? 0 : 1;
}

int run_gpu(const Options& options, const run::GpuRequest& request) {
  const bool quiet = options.has("quiet");
  run::GpuOutcome outcome;
  {
    ProgressBar progress(!quiet);
    outcome = run::run_on_gpu(request, progress);
  }
  for (const trace::Warning& warning : outcome.warnings) {
    fmt::print(stderr, "warning: {}{}\n", warning.text,
               warning.times > 1 ? fmt::format(" ({} times)", warning.times) : "");
  }
  if (!quiet) {
    const report::Limits limits = report::limits_of(outcome.gpu);
    const report::RunContext context{outcome.gpu, limits, request.trace, {}};
    fmt::print("{}", report::run_summary(outcome.result, context, report::style_of(STDOUT_FILENO)));
  }
  if (!request.check_dram) return 0;
  const device::DramCheck& check = outcome.result.dram_check;
  return report_check(check.commands, check.violations, check.texts);
}

int run_memory(const Options& options, const run::MemoryRequestRun& request) {
  const run::MemoryOutcome outcome = run::run_on_memory(request);
  const dram::ReplayResult& result = outcome.result;
  if (!options.has("quiet")) {
    const report::MemoryRun run{outcome.part, outcome.part.geometry.channels, result};
    fmt::print("{}", report::memory_summary(run, request.trace, report::style_of(STDOUT_FILENO)));
  }
  if (!request.check_dram) return 0;
  const dram::Counters& c = result.counters;
  const std::uint64_t commands = c.activates + c.reads + c.writes + c.precharges +
                                 c.precharge_alls + c.refresh_banks + c.refresh_alls;
  return report_check(commands, result.violations, result.violation_texts);
}

}  // namespace

int run_command(const Words& words) {
  const Options options(syntax(), words);
  if (options.helped()) return 0;
  const auto threads = static_cast<int>(options.number("threads", 1, 1));
  const std::string& target = options.word(0);
  if (run::target_named(target) == run::Target::memory_part) {
    return run_memory(options, {target, options.word(1), path_of(options, "output"),
                                path_of(options, "command-trace"), threads,
                                options.has("check-dram"), joined(words)});
  }
  if (options.has("command-trace")) {
    throw UserError("--command-trace is for memory parts; " + target + " is a GPU");
  }
  return run_gpu(options, {target, options.word(1), path_of(options, "output"), threads,
                           options.has("check-dram"), joined(words)});
}

}  // namespace strobe::app
