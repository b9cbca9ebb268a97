#pragma once

// The time of a network's step: operations that are alike, and find the L2 alike, are simulated
// once, side by side on as many threads as wanted.

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

#include "sim/networks/network_file.h"
#include "sim/networks/step.h"
#include "sim/report/network_report.h"
#include "sim/run/predict.h"

namespace strobe::run {

struct NetworkRequest {
  std::string gpu, network;  // as the user named them
  networks::StepOptions step;
  networks::SequenceSizes sequence;
  std::optional<std::filesystem::path> output;
  int threads = 1;
  bool exact = false;
  std::string command_line;  // for the result file
};

struct NetworkOutcome {
  device::GpuSpec gpu;
  report::NetworkReport report;
};

// Throws UserError, also when the step does not fit the GPU's memory.
NetworkOutcome predict_network(const NetworkRequest& request, PredictProgress& progress);

}  // namespace strobe::run
