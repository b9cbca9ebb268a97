#pragma once

// Figures that were measured on hardware, run again on the model, side by side.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/report/validation.h"

namespace strobe::validate {

struct Suite {
  std::string_view name;
  double tolerance;  // as a share of what was measured
  std::string_view meaning;
};

inline constexpr Suite kSuites[] = {
    {"latency", 0.05, "pointer chases on the plateaus: L1, L2, DRAM"},
    {"capacity", 0.1, "where the plateaus end"},
    {"bandwidth", 0.03, "streams through DRAM at full occupancy"},
    {"mix", 0.03, "streams of reads and writes in other proportions"},
    {"concurrency", 0.08, "bandwidth and latency against SMs, blocks, threads, bytes in flight"},
    {"l1", 0.08, "L1 and shared memory bandwidth"},
    {"l2", 0.08, "streams that stay in the L2"},
    {"random", 0.1, "accesses a second to random places"},
    {"host", 0.05, "copies between host and device by size"},
    {"launch", 0.1, "what a kernel costs that does nothing"},
};

struct Request {
  std::vector<std::string> gpus;     // all that have figures when empty
  std::optional<std::string> suite;  // all when empty
  bool quick = false;                // the latency and bandwidth suites of three GPUs
  // A table of the user's own, all of it run on the one GPU named, in place of ours.
  std::optional<std::filesystem::path> measured;
  std::optional<std::filesystem::path> output;
  int threads = 1;
  std::string strobe_version, command_line;  // for the result file
};

struct Outcome {
  std::vector<report::ValidationRow> rows;  // by GPU, then by suite
  std::vector<std::string> not_run;         // GPUs that have figures but no config
};

// Told how far it is; never from two threads at once.
class Progress {
 public:
  virtual ~Progress() = default;
  virtual void figures_done(std::size_t done, std::size_t all) = 0;
};

// Throws UserError.
Outcome validate(const Request& request, Progress& progress);

}  // namespace strobe::validate
