#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <new>

#include "sim/app/command.h"
#include "sim/base/error.h"
#include "sim/kernel/large_pages.h"
#include "sim/run/version.h"

namespace strobe::app {

namespace {

constexpr Command kCommands[] = {
    {"run", "TARGET TRACE", "replay a trace: summary here, everything in HDF5", run_command},
    {"predict", "GPU NETWORK", "time of a network, or of many layers against measured ones",
     predict_command},
    {"compare", "GPU GPU...", "steps of networks on several GPUs side by side", compare_command},
    {"gpus", "", "list the GPUs and memory parts that can be run on", gpus_command},
    {"show", "TARGET", "show peaks, bounds and every number of a GPU or part, with sources",
     show_command},
    {"sweep", "FILE -o OUT", "run every combination of a sweep file, resumable, into one file",
     sweep_command},
    {"merge", "SHARD... -o OUT", "join the shards of a sweep", merge_command},
    {"report", "FILE -o PAGE", "draw a result file as one HTML page", report_command},
    {"check", "PART COMMANDS", "show a trace of DRAM commands to a checker of the standards",
     check_command},
    {"trace", "COMMAND", "info, check and generate traces", trace_command},
    {"validate", "[GPU]", "measured figures beside those of the model", validate_command},
};

void print_help(std::FILE* file) {
  fmt::print(file,
             "strobe {}: a trace-driven simulator of GPU memory systems\n\n"
             "usage: strobe COMMAND ...\n\n",
             run::kVersion);
  for (const Command& command : kCommands) {
    fmt::print(file, "  {:<8} {:<19} {}\n", command.name, command.usage, command.purpose);
  }
  fmt::print(file,
             "\nstrobe COMMAND --help says more.\n"
             "Exit status: 0 done, 1 a check or a run of a sweep failed, 2 the input is wrong,\n"
             "130 and 143 stopped by Ctrl-C and SIGTERM.\n");
}

int main_with(const Words& words) {
  if (words.empty()) {
    print_help(stderr);
    return 2;
  }
  if (words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
    print_help(stdout);
    return 0;
  }
  if (words[0] == "--version") {
    fmt::print("strobe {}\n", run::kVersion);
    return 0;
  }
  for (const Command& command : kCommands) {
    if (words[0] == command.name) return command.run(Words(words.begin() + 1, words.end()));
  }
  throw UserError("no command '" + words[0] + "'; strobe --help lists them");
}

}  // namespace

}  // namespace strobe::app

int main(int argc, char** argv) {
#ifdef __AVX2__
  if (!__builtin_cpu_supports("avx2")) {
    std::fputs(
        "strobe: built for a processor with AVX2, which this one has not: configure with "
        "-DSTROBE_PROCESSOR=\n",
        stderr);
    return 2;
  }
#endif
  strobe::use_large_pages();
  // A write beyond the file-size limit then fails with an error that can be told, and a pipe that
  // nobody reads any more does too.
  std::signal(SIGXFSZ, SIG_IGN);
  std::signal(SIGPIPE, SIG_IGN);
  try {
    const int status = strobe::app::main_with({argv + 1, argv + argc});
    // Results that did not reach a full disk or a closed pipe were not delivered.
    if (std::fflush(stdout) != 0) throw strobe::UserError("cannot write to standard output");
    return status;
  } catch (const strobe::UserError& error) {
    fmt::print(stderr, "strobe: {}\n", error.what());
    return 2;
  } catch (const std::bad_alloc&) {
    fmt::print(stderr, "strobe: out of memory\n");
    return 2;
  }
}
