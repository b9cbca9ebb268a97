#pragma once

// The times of many layers, side by side on as many threads as wanted; layers that run the same
// kernels on the same GPU are simulated once.

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/layers/layer_table.h"
#include "sim/report/predictions.h"
#include "sim/run/power_limit.h"

namespace strobe::run {

struct PredictRequest {
  std::string gpu;               // rows of other GPUs are left out
  std::filesystem::path layers;  // a table (layers/layer_table.h)
  std::optional<std::filesystem::path> output;
  int threads = 1;
  bool exact = false;
  PowerLimit power_limit;
  bool predict_kernels = false;       // although the table names them
  std::vector<std::string> families;  // of operators; all when empty
  std::size_t rows_of_family = 0;     // of each, beside its shortest; 0: all
  std::string command_line;           // for the result file
};

struct PredictOutcome {
  std::vector<report::Prediction> predictions;  // in the order of the table
  std::vector<layers::RefusedRow> refused;      // by line
  std::size_t other_gpus = 0;                   // rows that are of other GPUs
  bool complete = true;                         // not stopped before the last row
};

// Who watches. Never called from two threads at once.
class PredictProgress {
 public:
  virtual ~PredictProgress() = default;
  virtual void layers_done(std::size_t done, std::size_t all) = 0;
  // A row of the table, as soon as it is there; no overhead is known yet.
  virtual void row_done(const report::Prediction& row) = 0;
};

// When `stop` is set no further layer is begun, and the outcome is of those that are done. Throws
// UserError when nothing can be run.
PredictOutcome predict(const PredictRequest& request, PredictProgress& progress,
                       const std::atomic<bool>& stop);

}  // namespace strobe::run
