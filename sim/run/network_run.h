#pragma once

// The time of a network's step: operations that are alike, and find the L2 alike, are simulated
// once, side by side on as many threads as wanted.

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/layers/layer_program.h"
#include "sim/networks/network_file.h"
#include "sim/networks/step.h"
#include "sim/report/network_report.h"
#include "sim/run/power_limit.h"
#include "sim/run/predict.h"

namespace strobe::run {

struct Effort {
  int threads = 1;
  bool exact = false;  // nothing is sampled
  PowerLimit power_limit{};
};

struct NetworkRequest {
  std::string gpu, network;  // as the user named them
  networks::StepOptions step;
  networks::SequenceSizes sequence;
  std::optional<std::filesystem::path> output;
  Effort effort;
  std::string command_line;  // for the result file
};

struct NetworkOutcome {
  device::GpuSpec gpu;
  report::NetworkReport report;
};

// Operations of a step that are alike and find the L2 alike.
struct StepTask {
  layers::L2Contents contents;
  std::vector<std::size_t> operations;
  report::OperationReport report;  // of one launch of one of them
};

// A step of which all is known but the times.
struct PlannedStep {
  networks::Step step;
  std::vector<StepTask> tasks;  // none when it does not fit the GPU's memory
  report::NetworkReport report;

  const layers::Layer& layer_of(const StepTask& task) const {
    return step.operations[task.operations.front()].layer;
  }
};

PlannedStep plan_step(const networks::Network& network, const networks::StepOptions& options,
                      const device::GpuSpec& gpu);

// Fills in the report. REQUIRES: it fits.
void simulate_step(PlannedStep& plan, const device::GpuSpec& gpu, const Effort& effort,
                   PredictProgress& progress);

// Throws UserError, also when the step does not fit the GPU's memory.
report::NetworkReport time_step(const networks::Network& network,
                                const networks::StepOptions& options, const device::GpuSpec& gpu,
                                const Effort& effort, PredictProgress& progress);

// What time_step has to simulate: nothing when the step does not fit the GPU's memory.
std::vector<layers::Layer> simulated_layers(const networks::Network& network,
                                            const networks::StepOptions& options,
                                            const device::GpuSpec& gpu);

// Reads both, times the step and writes the result file. Throws UserError, also when the step does
// not fit the GPU's memory.
NetworkOutcome predict_network(const NetworkRequest& request, PredictProgress& progress);

}  // namespace strobe::run
