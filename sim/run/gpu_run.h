#pragma once

// One run of a program on a GPU, from names to results: everything that can be wrong with the input
// is found before the first event, and the result file appears only when it is whole.

#include <filesystem>
#include <optional>
#include <string>

#include "sim/device/machine.h"
#include "sim/device/progress.h"
#include "sim/run/outcome.h"
#include "sim/run/power_limit.h"

namespace strobe::run {

struct GpuRequest {
  std::string gpu, trace;  // as the user named them
  std::optional<std::filesystem::path> output;
  int threads = 1;
  bool check_dram = false;
  std::string command_line;              // for the result file
  std::string mig{};                     // profile of a MIG instance; empty: the whole GPU
  std::optional<std::string> what_if{};  // causes to repeat the run without, see what_if.h
  std::optional<std::filesystem::path> timeline{};
  std::optional<BytesPerSecond> cpu_load{};  // beside the GPU, on unified memory
  PowerLimit power_limit{};
  std::string settings{};  // in place of the config's, see device/overrides.h
  bool managed = false;    // memory moves to the GPU as it is asked for
};

// The replay by itself, of a program that was looked over. What it yields is checked against the
// bounds of the machine. Throws UserError.
device::RunResult replay(const device::GpuSpec& gpu, trace::Program& program,
                         const device::MachineOptions& options, device::Progress& progress);

// Throws UserError.
GpuOutcome run_on_gpu(const GpuRequest& request, device::Progress& progress);

}  // namespace strobe::run
