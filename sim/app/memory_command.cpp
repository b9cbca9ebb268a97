#include "sim/app/memory_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "sim/app/progress_bar.h"
#include "sim/app/report_check.h"
#include "sim/base/error.h"
#include "sim/report/json_results.h"
#include "sim/run/load_sweep.h"
#include "sim/run/memory_run.h"

namespace strobe::app {

namespace {

constexpr std::int64_t kRequests = 1'000'000, kSweptRequests = 200'000;  // of a pattern

std::string option_name(const OptionSpec& option) {
  return option.name.substr(0, option.name.find(','));
}

// The channels move whole bursts of 32 bytes.
std::uint64_t request_bytes_of(const Options& options) {
  constexpr std::uint64_t kBurst = 32, kMost = 4096;
  const std::uint64_t bytes = options.bytes("request-bytes", kBurst);
  if (bytes % kBurst != 0 || bytes > kMost) {
    throw UserError(fmt::format("--request-bytes must be a multiple of {} up to {}, not '{}'",
                                kBurst, kMost, *options.text("request-bytes")));
  }
  return bytes;
}

run::RequestInput pattern_of(const Options& options) {
  trace::RequestRecipe recipe;
  recipe.request_bytes = request_bytes_of(options);
  const bool sweeps = options.has("sweep-load");
  const std::string name = options.text("pattern").value_or("random");
  const std::optional<trace::RequestPattern> pattern = trace::request_pattern_named(name);
  if (!pattern) {
    throw UserError("--pattern must be seq, rand, stride or mixed, not '" + name + "'");
  }
  recipe.pattern = *pattern;
  recipe.requests = static_cast<std::uint64_t>(
      options.number("requests", sweeps ? kSweptRequests : kRequests, 1));
  recipe.footprint = options.bytes("footprint", recipe.footprint);
  if (recipe.footprint % (4 * recipe.request_bytes) != 0) {
    throw UserError(fmt::format("--footprint must be a multiple of four requests, {} bytes",
                                4 * recipe.request_bytes));
  }
  return recipe;
}

// A trace, a pattern, or for a sweep neither: then a random one.
run::RequestInput input_of(const Options& options) {
  if (options.has_word(1)) {
    for (const char* of_patterns : {"pattern", "requests", "footprint"}) {
      if (!options.has(of_patterns)) continue;
      throw UserError(fmt::format("--{} makes requests, and {} has some: give one of them",
                                  of_patterns, options.word(1)));
    }
    return run::RequestFile{options.word(1), request_bytes_of(options)};
  }
  if (!options.has("pattern") && !options.has("sweep-load")) {
    throw UserError("missing TRACE, or --pattern to do without one");
  }
  return pattern_of(options);
}

bool broke_a_rule(const report::LoadPoint& point) {
  return point.result.violations > 0;
}

int sweep(const Options& options, const run::MemoryRequestRun& request) {
  for (const char* of_one_run : {"rate", "command-trace"}) {
    if (options.has(of_one_run)) {
      throw UserError(fmt::format("--{} is for one run, --sweep-load makes many", of_one_run));
    }
  }
  run::LoadSweepOutcome outcome;
  {
    ProgressBar progress(!options.has("quiet"));
    outcome = run::sweep_load(request, progress);
  }
  const report::LoadSweep swept{outcome.part, outcome.part.geometry.channels, outcome.points};
  if (options.has("json")) {
    const std::string requests = run::name_of(request.input);
    fmt::print("{}\n", report::load_sweep_json(swept, requests).text());
    return std::ranges::any_of(outcome.points, broke_a_rule) ? 1 : 0;
  }
  if (!options.has("quiet")) {
    fmt::print("{}", report::load_sweep_summary(swept, run::name_of(request.input),
                                                report::style_of(STDOUT_FILENO)));
  }
  if (!request.check_dram) return 0;
  DramCheck check;
  for (const report::LoadPoint& point : outcome.points) check.add(point.result);
  return report_check(check);
}

int run_once(const Options& options, const run::MemoryRequestRun& request) {
  const run::MemoryOutcome outcome = run::run_on_memory(request);
  const report::MemoryRun run{outcome.part, outcome.part.geometry.channels, outcome.result,
                              request.load};
  if (options.has("json")) {
    fmt::print("{}\n", report::memory_run_json(run, run::name_of(request.input)).text());
    return outcome.result.violations == 0 ? 0 : 1;
  }
  if (!options.has("quiet")) {
    fmt::print("{}", report::memory_summary(run, run::name_of(request.input),
                                            report::style_of(STDOUT_FILENO)));
  }
  if (!request.check_dram) return 0;
  DramCheck check;
  check.add(outcome.result);
  return report_check(check);
}

}  // namespace

const std::vector<OptionSpec>& memory_options() {
  static const std::vector<OptionSpec> kOptions{
      {"pattern", "NAME", "in place of TRACE: seq, rand, stride or mixed requests"},
      {"requests", "N", "of the pattern, default 1000000 (200000 a load of a sweep)"},
      {"footprint", "SIZE", "of the pattern, default 1G"},
      {"request-bytes", "SIZE", "of each request, default 32; traces do not say it"},
      {"rate", "BANDWIDTH", "offer the requests evenly at this load, such as 100GB/s"},
      {"inline-ecc", "BURSTS",
       "check bits lie in the memory; so many bursts of them are kept, or 0"},
      {"sweep-load", "", "offer them at loads from 5 % to all the memory takes; rand by default"},
      {"command-trace", "FILE", "write every DRAM command as text, for strobe check"}};
  return kOptions;
}

void refuse_memory_options(const Options& options) {
  for (const OptionSpec& option : memory_options()) {
    const std::string name = option_name(option);
    if (options.has(name)) {
      throw UserError("--" + name + " is for memory parts; " + options.word(0) + " is a GPU");
    }
  }
}

int run_memory(const Options& options, const std::string& command_line) {
  run::MemoryRequestRun request;
  request.part = options.word(0);
  request.settings = options.text("set").value_or("");
  request.input = input_of(options);
  request.load = options.bandwidth("rate");
  request.output = options.path("output");
  if (options.has("inline-ecc")) {
    request.ecc_bursts = static_cast<std::uint32_t>(options.number("inline-ecc", 0, 0));
  }
  request.command_trace = options.path("command-trace");
  request.threads = static_cast<int>(options.number("threads", 1, 1));
  request.check_dram = options.has("check-dram");
  request.energy_over_time = options.has("output") || options.has("json");
  request.command_line = command_line;
  return options.has("sweep-load") ? sweep(options, request) : run_once(options, request);
}

}  // namespace strobe::app
