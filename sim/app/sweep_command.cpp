#include <fmt/format.h>

#include <charconv>

#include "sim/app/command.h"
#include "sim/app/options.h"
#include "sim/app/stop_signal.h"
#include "sim/app/sweep_progress.h"
#include "sim/base/error.h"
#include "sim/report/json.h"
#include "sim/sweep/merge.h"
#include "sim/sweep/runner.h"

namespace strobe::app {

namespace {

const Syntax& sweep_syntax() {
  static const Syntax kSyntax{
      "strobe sweep FILE -o OUT [options]\n       strobe sweep FILE --dry-run",
      "Runs every combination that FILE asks for (configs/README.md has its keys) and writes one\n"
      "file with the swept values as coordinates (docs/FORMATS.md).\n\n"
      "What is done is kept in OUT.parts at once: the same command goes on where it was stopped, "
      "and\n"
      "after a change only does what the change concerns. The folder may be deleted when OUT is\n"
      "there. A run that fails is recorded and stops no other.\n\n"
      "Exit status: 0 all runs are done, 1 some failed, 2 the input is wrong or OUT cannot be\n"
      "written, 130 and 143 stopped by Ctrl-C and SIGTERM.",
      {"FILE"},
      {{"output,o", "OUT", "the result file"},
       {"jobs,j", "N",
        "runs at once, default 1; memory grows with it, results do not depend on it"},
       {"shard", "I/N", "only the I-th of N equal shares, for `strobe merge` to join"},
       {"dry-run,n", "", "check everything, print the plan and what it may cost, run nothing"},
       kJsonOption,
       {"quiet,q", "", "print no summary and no progress"}}};
  return kSyntax;
}

std::optional<std::size_t> count_of(std::string_view text) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<sweep::Shard> shard_of(const Options& options) {
  const std::optional<std::string> text = options.text("shard");
  if (!text) return std::nullopt;
  const std::size_t slash = std::min(text->find('/'), text->size());
  const auto number = count_of(std::string_view(*text).substr(0, slash));
  const auto of = count_of(std::string_view(*text).substr(std::min(slash + 1, text->size())));
  constexpr std::size_t kMost = 100'000;
  if (!number || !of || *number < 1 || *number > *of || *of > kMost) {
    throw UserError("--shard must be I/N with I from 1 to N, such as 3/8, not '" + *text + "'");
  }
  return sweep::Shard{*number, *of};
}

// The runs of a plan that are one shard's, or all.
std::vector<const sweep::PlannedRun*> runs_of(const sweep::Plan& plan,
                                              std::optional<sweep::Shard> shard) {
  std::vector<std::size_t> shards(plan.runs.size(), 0);
  if (shard) shards = sweep::shard_of_runs(plan, shard->of);
  std::vector<const sweep::PlannedRun*> runs;
  for (std::size_t i = 0; i < plan.runs.size(); ++i) {
    if (!shard || shards[i] == shard->number - 1) runs.push_back(&plan.runs[i]);
  }
  return runs;
}

void print_plan(const sweep::Plan& plan, std::optional<sweep::Shard> shard) {
  const std::vector<const sweep::PlannedRun*> runs = runs_of(plan, shard);
  double seconds = 0;
  for (const sweep::PlannedRun* run : runs) {
    fmt::print("{:>6}  {:>8}  {}\n", run->place, duration_text(run->seconds), run->label);
    seconds += run->seconds;
  }
  const std::size_t excluded = plan.grid.rows.size() - plan.runs.size();
  fmt::print("{} runs", runs.size());
  if (excluded > 0) fmt::print(", {} places of the grid are excluded", excluded);
  fmt::print("; about {} of one core\n", duration_text(seconds));
}

std::string json_of(const sweep::Plan& plan, std::optional<sweep::Shard> shard) {
  std::vector<std::string> runs;
  for (const sweep::PlannedRun* run : runs_of(plan, shard)) {
    report::JsonObject one;
    one.add("place", run->place).add("label", run->label).add("hash", run->hash);
    runs.push_back(one.add("estimated_seconds", run->seconds).text());
  }
  report::JsonObject all;
  all.add("plan", plan.grid.text("plan"));
  all.add("excluded", plan.grid.rows.size() - plan.runs.size());
  return all.add_json("runs", report::json_list(runs)).text();
}

std::string json_of(const sweep::SweepOutcome& outcome, const sweep::SweepOptions& options) {
  std::vector<std::string> failures;
  for (const auto& failure : outcome.failures) {
    report::JsonObject one;
    failures.push_back(one.add("label", failure.label).add("error", failure.error).text());
  }
  report::JsonObject all;
  all.add("output", options.output.string()).add("complete", outcome.complete);
  all.add("runs", outcome.runs).add("found", outcome.found).add("done", outcome.done);
  return all.add_json("failed", report::json_list(failures)).text();
}

void print_outcome(const sweep::SweepOutcome& outcome, const sweep::SweepOptions& options) {
  const std::string output = options.output.string();
  for (const auto& failure : outcome.failures) {
    fmt::print("failed: {}: {}\n", failure.label, failure.error);
  }
  if (outcome.complete) {
    fmt::print("{}: {} runs, {} done, {} failed\n", output, outcome.runs, outcome.done,
               outcome.failures.size());
  } else {
    fmt::print("stopped: {} of {} runs are done and kept in {}.parts; the same command goes on\n",
               outcome.done, outcome.runs, output);
  }
}

}  // namespace

int sweep_command(const Words& words) {
  const Options options(sweep_syntax(), words);
  if (options.helped()) return 0;
  const std::optional<sweep::Shard> shard = shard_of(options);
  const std::optional<std::filesystem::path> output = options.path("output");
  const bool dry = options.has("dry-run");
  if (!output && !dry) throw UserError("missing -o OUT\nusage: " + sweep_syntax().usage);
  const auto jobs = static_cast<int>(options.number("jobs", 1, 1));

  const sweep::SweepFile file = sweep::read_sweep_file(options.word(0));
  const sweep::Plan plan = sweep::make_plan(file);
  const bool json = options.has("json");
  if (dry) {
    if (json) {
      fmt::print("{}\n", json_of(plan, shard));
    } else {
      print_plan(plan, shard);
    }
    return 0;
  }
  const sweep::SweepOptions how{*output, jobs, shard};
  const StopSignal stop;
  sweep::SweepOutcome outcome;
  {
    SweepProgress progress(!options.has("quiet"));
    outcome = sweep::run_sweep(plan, how, progress, stop.asked());
  }
  if (json) {
    fmt::print("{}\n", json_of(outcome, how));
  } else if (!options.has("quiet")) {
    print_outcome(outcome, how);
  }
  if (!outcome.complete) return stop.exit_status();
  return outcome.failures.empty() ? 0 : 1;
}

int merge_command(const Words& words) {
  const Syntax syntax{
      "strobe merge SHARD... -o OUT",
      "Joins the files of all shards of a sweep into the one that a single process "
      "would have\nwritten. Refuses shards of different sweeps, inputs or builds of "
      "strobe, and missing ones.\n\nExit status: 0 joined, 1 joined with runs that "
      "failed, 2 refused.",
      {"SHARD"},
      {{"output,o", "OUT", "the result file"}, kJsonOption, {"quiet,q", "", "print nothing"}},
      0,
      true};
  const Options options(syntax, words);
  if (options.helped()) return 0;
  const std::optional<std::filesystem::path> output = options.path("output");
  if (!output) throw UserError("missing -o OUT\nusage: " + syntax.usage);
  const report::Grid merged = sweep::merge_shards(options.words());
  report::write_grid(*output, merged);
  std::size_t done = 0, failed = 0;
  for (const report::GridRow& row : merged.rows) {
    if (row.status == report::RunStatus::done) ++done;
    if (row.status == report::RunStatus::failed) ++failed;
  }
  if (options.has("json")) {
    report::JsonObject all;
    all.add("output", output->string()).add("runs", done + failed).add("done", done);
    fmt::print("{}\n", all.add("failed", failed).text());
  } else if (!options.has("quiet")) {
    fmt::print("{}: {} runs, {} done, {} failed\n", output->string(), done + failed, done, failed);
  }
  return failed == 0 ? 0 : 1;
}

}  // namespace strobe::app
