#pragma once

// The layers that were measured on hardware, predicted again: how far off each GPU and family of
// operators is, against what is aimed at (validation/measured/layer_errors.csv).

#include <atomic>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/report/predictions.h"
#include "sim/report/validation.h"
#include "sim/run/predict.h"

namespace strobe::run {

inline constexpr std::size_t kQuickRows = 8;  // of a family, beside the shortest

struct LayerSuiteRequest {
  std::filesystem::path folder;    // of the tables
  std::optional<std::string> gpu;  // all that the table of errors names when there is none
  bool quick = false;              // the shortest rows, which tell the overhead, and a few more
  int threads = 1;
  std::optional<std::filesystem::path> output;
  std::string command_line;
};

struct LayerSuiteRow {
  report::ErrorFigures errors;
  bool kernels_given = true;  // else the library's choice is predicted too
  double tolerance = 0;       // of the mean absolute error
  bool marked = false;        // as deviating: a row of DEVIATIONS.md

  report::Verdict verdict() const;
};

struct LayerSuiteOutcome {
  std::vector<LayerSuiteRow> rows;  // in the order of the table of errors
  // Each layer with the overhead of its family, in us. A family is judged by its mean: a layer
  // beyond the tolerance is marked unless the family as a whole is too far off.
  std::vector<report::ValidationRow> layers;
};

// Throws UserError.
LayerSuiteOutcome run_layer_suite(const LayerSuiteRequest& request, PredictProgress& progress,
                                  const std::atomic<bool>& stop);

std::string layer_suite_summary(const std::vector<LayerSuiteRow>& rows,
                                const report::TextStyle& style);

}  // namespace strobe::run
