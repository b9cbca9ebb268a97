#pragma once

// What a run on a GPU says on the terminal when it is over.

#include "sim/app/options.h"
#include "sim/run/outcome.h"

namespace strobe::app {

// Throws UserError where a table that report_outcome is to write cannot be: asked before the run.
void ensure_tables_writable(const Options& options);

// Prints warnings, the summary and what the DRAM check found, as asked for. `work` is the trace or
// the layer. Returns the exit status.
int report_outcome(const Options& options, const run::GpuOutcome& outcome, const std::string& work);

}  // namespace strobe::app
