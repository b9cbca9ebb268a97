#pragma once

// Layers and steps of networks whose board power was measured while they ran for seconds or longer,
// run again: the model's power, at the clock that the power limit of the measurement leaves, beside
// it (validation/measured/power.csv).

#include <atomic>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/report/validation.h"
#include "sim/run/predict.h"

namespace strobe::run {

struct PowerSuiteRequest {
  std::filesystem::path folder;    // of the tables
  std::optional<std::string> gpu;  // all when there is none
  bool quick = false;              // layers only
  int threads = 1;
};

// In the order of the table. Throws UserError.
std::vector<report::ValidationRow> run_power_suite(const PowerSuiteRequest& request,
                                                   PredictProgress& progress,
                                                   const std::atomic<bool>& stop);

}  // namespace strobe::run
