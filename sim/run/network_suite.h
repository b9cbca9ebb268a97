#pragma once

// Steps of whole networks that were measured on hardware, predicted again: tokens and samples a
// second of decoding, training and inference (validation/measured/networks.csv).

#include <atomic>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/report/validation.h"
#include "sim/run/network_run.h"

namespace strobe::run {

// A line of the table: a step, what it gave, and who says so.
struct MeasuredStep {
  std::string work;  // decode, prefill, inference, training
  std::string parameters;
  NetworkRequest request;  // GPU, network, step and sequence
  double value = 0;        // in `unit`: tokens/s, samples/s or ms
  std::string unit, source;
  bool deviates = false;  // a known miss, with a row in DEVIATIONS.md
  bool quick = false;     // of those that are run first
  std::int64_t line = 0;
};

// Throws UserError, with file and line, for one that cannot be understood.
std::vector<MeasuredStep> read_measured_steps(const std::filesystem::path& path);

struct NetworkSuiteRequest {
  std::filesystem::path table;
  std::optional<std::string> gpu;  // all when there is none
  bool quick = false;
  Effort effort;
  std::optional<std::filesystem::path> output;
  std::string command_line;
};

struct NetworkSuiteOutcome {
  std::vector<report::ValidationRow> rows;  // by GPU
  std::vector<std::string> not_run;         // what has no kernels or does not fit, and why
};

// When `stop` is set no further step is begun. Throws UserError.
NetworkSuiteOutcome run_network_suite(const NetworkSuiteRequest& request, PredictProgress& progress,
                                      const std::atomic<bool>& stop);

// The mean absolute error by GPU and work, of what was run.
std::string network_suite_means(const std::vector<report::ValidationRow>& rows,
                                const report::TextStyle& style);

}  // namespace strobe::run
