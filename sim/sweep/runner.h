#pragma once

// Runs what a plan asks for, several runs at once, each on one thread. What is done is on disk
// before the next run begins; what is on disk already is not run again; a run that fails is
// recorded and stops no other.

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/report/grid.h"
#include "sim/sweep/plan.h"

namespace strobe::sweep {

struct Shard {
  std::size_t number = 1, of = 1;  // from 1
};

struct SweepOptions {
  std::filesystem::path output;
  int at_once = 1;
  std::optional<Shard> shard;
};

// Who watches a sweep. Never called from two threads at once.
class SweepWatcher {
 public:
  virtual ~SweepWatcher() = default;
  // `found` of the `runs` are there already; the rest may take `seconds` of one core.
  virtual void begin(std::size_t runs, std::size_t found, double seconds) = 0;
  virtual void finished(const PlannedRun& run, const report::GridRow& row) = 0;
};

struct SweepOutcome {
  struct Failure {
    std::string label, error;
  };
  std::size_t runs = 0, found = 0, done = 0;  // done: with those that were found
  std::vector<Failure> failures;
  bool complete = false;  // else it was stopped, and no output was written
};

// No run is begun once `stop` is set. Throws UserError when results cannot be kept.
SweepOutcome run_sweep(const Plan& plan, const SweepOptions& options, SweepWatcher& watcher,
                       const std::atomic<bool>& stop);

}  // namespace strobe::sweep
