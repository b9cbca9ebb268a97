#pragma once

// Every run that a sweep asks for, worked out and checked before the first of them starts: its
// configuration read, its trace looked over, its place on the grid, and a hash of all that its
// result depends on, by which a result that is there already is known again.

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "sim/device/spec.h"
#include "sim/report/grid.h"
#include "sim/sweep/sweep_file.h"
#include "sim/sweep/work.h"

namespace strobe::sweep {

struct PlannedRun {
  std::size_t place = 0;   // on the grid
  std::string label;       // "l2_size=4 MiB work=copy"
  std::size_t device = 0;  // of the plan's
  Work work;
  std::string hash;
  double seconds = 0;  // estimated, of one core
};

struct Plan {
  report::Grid grid;             // without results: rows are missing, or excluded by a filter
  std::vector<Device> devices;   // many runs may share one
  std::vector<PlannedRun> runs;  // by place

  double seconds() const;
};

// Throws UserError with the sweep file's line for whatever is wrong with any of the runs.
Plan make_plan(const SweepFile& sweep);

// Which of `shards` even shares of the plan's cost each run belongs to, from 0: the same on every
// machine, because it follows from the plan alone.
std::vector<std::size_t> shard_of_runs(const Plan& plan, std::size_t shards);

}  // namespace strobe::sweep
