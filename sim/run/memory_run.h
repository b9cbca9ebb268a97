#pragma once

// One run of a memory part alone on a trace of requests.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/device/spec.h"
#include "sim/model/dram/replay.h"

namespace strobe::run {

struct MemoryRequestRun {
  std::string part, trace;  // as the user named them
  std::optional<std::filesystem::path> output, command_trace;
  int threads = 1;
  bool check_dram = false;
  std::string command_line;  // for the result file
};

struct MemoryOutcome {
  dram::PartSpec part;
  dram::ReplayResult result;
};

// Requests with times are offered at them, a trace without any as fast as the memory takes it; a
// trace that has both is refused. Throws UserError.
MemoryOutcome run_on_memory(const MemoryRequestRun& request);

}  // namespace strobe::run
