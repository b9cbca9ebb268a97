#pragma once

// One run of a layer on a GPU, from names to results.

#include <filesystem>
#include <optional>
#include <string>

#include "sim/device/progress.h"
#include "sim/layers/products/gemm_choice.h"
#include "sim/run/outcome.h"
#include "sim/run/power_limit.h"

namespace strobe::run {

struct LayerRequest {
  std::string gpu, layer;  // as the user named them
  std::optional<layers::GivenKernel> kernel;
  std::optional<std::filesystem::path> output;
  int threads = 1;
  bool check_dram = false;
  bool exact = false;                    // nothing is sampled
  std::string command_line;              // for the result file
  std::string mig{};                     // profile of a MIG instance; empty: the whole GPU
  std::optional<std::string> what_if{};  // causes to repeat the run without, see what_if.h
  std::optional<std::filesystem::path> timeline{};
  std::optional<BytesPerSecond> cpu_load{};  // beside the GPU, on unified memory
  PowerLimit power_limit{};
  std::string settings{};  // in place of the config's, see device/overrides.h
};

// Throws UserError.
GpuOutcome run_layer(const LayerRequest& request, device::Progress& progress);

}  // namespace strobe::run
