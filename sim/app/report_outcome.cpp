#include "sim/app/report_outcome.h"

#include <fmt/format.h>
#include <unistd.h>

#include "sim/app/report_check.h"
#include "sim/report/figures.h"
#include "sim/report/json_results.h"
#include "sim/report/nsight.h"
#include "sim/report/output_file.h"
#include "sim/report/summary.h"

namespace strobe::app {

void ensure_tables_writable(const Options& options) {
  if (const auto path = options.path("nsight")) report::ensure_writable(*path);
}

int report_outcome(const Options& options, const run::GpuOutcome& outcome,
                   const std::string& work) {
  for (const trace::Warning& warning : outcome.warnings) {
    fmt::print(stderr, "warning: {}{}\n", warning.text,
               warning.times > 1 ? fmt::format(" ({} times)", warning.times) : "");
  }
  const report::Limits limits = report::limits_of(outcome.gpu);
  const report::RunContext context{outcome.gpu, limits, work, {}};
  if (const auto path = options.path("nsight")) {
    const std::string table = report::nsight_csv(outcome.result, outcome.gpu);
    report::replace_file(*path, std::as_bytes(std::span(table)));
  }
  const Picoseconds time = outcome.result.end.since_start();
  if (options.has("json")) {
    report::JsonObject run = report::run_json(outcome.result, context);
    if (!outcome.what_ifs.empty()) {
      run.add_json("what_if", report::what_if_json(outcome.what_ifs, time));
    }
    fmt::print("{}\n", run.text());
    return outcome.result.dram_check.violations == 0 ? 0 : 1;
  }
  if (!options.has("quiet")) {
    const report::TextStyle style = report::style_of(STDOUT_FILENO);
    fmt::print("{}", report::run_summary(outcome.result, context, style));
    if (!outcome.what_ifs.empty()) {
      fmt::print("{}", report::what_if_text(outcome.what_ifs, time, style));
    }
  }
  if (!options.has("check-dram")) return 0;
  const device::DramCheck& check = outcome.result.dram_check;
  return report_check({check.commands, check.violations, check.texts});
}

}  // namespace strobe::app
