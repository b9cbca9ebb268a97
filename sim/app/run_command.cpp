#include "sim/app/command.h"
#include "sim/app/layer_command.h"
#include "sim/app/memory_command.h"
#include "sim/app/network_command.h"
#include "sim/app/progress_bar.h"
#include "sim/app/report_outcome.h"
#include "sim/base/error.h"
#include "sim/run/gpu_run.h"
#include "sim/run/target.h"
#include "sim/trace/byte_input.h"

namespace strobe::app {

namespace {

std::vector<OptionSpec> options_of_both() {
  std::vector<OptionSpec> options{
      {"output,o", "FILE", "write everything to an HDF5 file (docs/FORMATS.md)"},
      {"threads,j", "N", "threads to run on, default 1; results do not depend on it"},
      {"timeline", "FILE", "of a GPU: kernels, CTAs and counters over time, for ui.perfetto.dev"},
      {"nsight", "FILE", "of a GPU: Nsight Compute's metrics, a table like its raw page in CSV"},
      {"set", "KEY=VALUE",
       "in place of the config's, several with ; between them (configs/README.md)"},
      {"mig", "PROFILE", "run on one instance of a Multi-Instance GPU: 1g.5gb, ..."},
      {"cpu-load", "RATE", "of a GPU on unified memory: the CPU moves so much beside it, 40GB/s"},
      {"managed", "",
       "of a GPU with memory of its own: data lie on the host until they are asked for"},
      {"what-if", "CAUSES", "run again without dram.refresh,l2.far,... or all: what each costs"},
      {"check-dram", "", "show every DRAM command to an independent checker of the standards"},
      kJsonOption,
      {"power-limit", "WATTS",
       "that holds the clock: board (default of a layer), off (default of a trace), or watts"},
      {"quiet,q", "", "print no summary and no progress"}};
  for (OptionSpec option : layer_options()) {
    option.help = "layer only: " + option.help;
    options.push_back(std::move(option));
  }
  for (OptionSpec option : memory_options()) {
    option.help = "memory part only: " + option.help;
    options.push_back(std::move(option));
  }
  return options;
}

const Syntax& syntax() {
  static const Syntax kSyntax{
      "strobe run TARGET TRACE [options]\n       strobe run GPU --layer TEXT [options]\n       "
      "strobe run PART --pattern NAME [options]\n"
      "       strobe run PART --sweep-load [options]",
      "Replays TRACE on TARGET and says how long it takes and what it waits for.\n\n"
      "TARGET is a GPU (`strobe gpus` lists them) or a memory part by itself (hbm2-2000), by name\n"
      "or as the path of a config file. For a GPU, TRACE is an Accel-Sim/NVBit kernelslist.g, the\n"
      "folder that holds one, or a single .traceg or .trace, plain or .xz. For a memory part it "
      "is\n"
      "a file of requests, text (a line: 0x1000 R 12.5ns) or binary, plain or .xz\n"
      "(traces/README.md), or - for standard input.\n"
      "Requests without times are offered as fast as the memory takes them.",
      {"TARGET", "TRACE"},
      options_of_both(),
      1};
  return kSyntax;
}

std::string joined(const Words& words) {
  std::string line = "strobe run";
  for (const std::string& word : words) line += " " + word;
  return line;
}

int run_trace(const Options& options, const run::GpuRequest& request) {
  run::GpuOutcome outcome;
  {
    ProgressBar progress(!options.has("quiet"));
    outcome = run::run_on_gpu(request, progress);
  }
  return report_outcome(options, outcome, request.trace);
}

}  // namespace

int run_command(const Words& words) {
  const Options options(syntax(), words);
  if (options.helped()) return 0;
  const std::string& target = options.word(0);
  if (run::target_named(target) == run::Target::memory_part) {
    refuse_layer_options(options);
    for (const char* name :
         {"mig", "cpu-load", "managed", "timeline", "nsight", "what-if", "power-limit"}) {
      if (options.has(name)) throw UserError("--" + std::string(name) + " is for GPUs only");
    }
    return run_memory(options, joined(words));
  }
  refuse_memory_options(options);
  ensure_tables_writable(options);
  if (options.has("layer")) {
    if (options.has("managed")) throw UserError("--managed is for traces only");
    return run_layer(options, joined(words));
  }
  refuse_layer_options(options);
  if (!options.has_word(1)) throw UserError("missing TRACE\nusage: " + syntax().usage);
  if (options.word(1) == trace::kStandardInput) {
    throw UserError("requests for a memory part can come from standard input, kernels for " +
                    target + " cannot");
  }
  const auto threads = static_cast<int>(options.number("threads", 1, 1));
  return run_trace(
      options,
      {target, options.word(1), options.path("output"), threads, options.has("check-dram"),
       joined(words), options.text("mig").value_or(""), options.text("what-if"),
       options.path("timeline"), options.bandwidth("cpu-load"), power_limit_of(options, "off"),
       options.text("set").value_or(""), options.has("managed")});
}

}  // namespace strobe::app
