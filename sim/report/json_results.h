#pragma once

// Every kind of result as one JSON object: what the commands print when asked for --json. `schema`
// in it is that of the result file, whose variables the members are called after.

#include <span>
#include <string>
#include <vector>

#include "sim/report/json.h"
#include "sim/report/load_sweep.h"
#include "sim/report/memory_run.h"
#include "sim/report/predictions.h"
#include "sim/report/summary.h"
#include "sim/report/validation.h"

namespace strobe::report {

// `kernels`, each with its numbers, and `total`.
JsonObject run_json(const device::RunResult& result, const RunContext& context);

// `memory` has the numbers; a sweep's `loads` have them for each load.
JsonObject memory_run_json(const MemoryRun& run, const std::string& trace);
JsonObject load_sweep_json(const LoadSweep& sweep, const std::string& trace);

// `figures`, in their own units, with what was measured and what is to be thought of the two.
JsonObject validation_json(std::span<const ValidationRow> rows);

// `layers`, as far as rows of the table could be used.
JsonObject predictions_json(std::span<const Prediction> predictions);

// What it could reach, and with `config` every number that it is modelled with.
JsonObject gpu_json(const device::GpuSpec& gpu, const Limits& limits);
JsonObject part_json(const dram::PartSpec& part);
std::string config_json(std::span<const device::Sourced> sources);

}  // namespace strobe::report
