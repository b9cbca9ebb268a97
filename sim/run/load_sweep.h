#pragma once

// Runs of a memory part alone at a ladder of loads: how latency grows with bandwidth.

#include <cstddef>
#include <vector>

#include "sim/report/load_sweep.h"
#include "sim/run/memory_run.h"

namespace strobe::run {

// Who watches a sweep. Never called from two threads at once.
class SweepProgress {
 public:
  virtual ~SweepProgress() = default;
  virtual void points_done(std::size_t done, std::size_t all) = 0;
};

struct LoadSweepOutcome {
  dram::PartSpec part;
  std::vector<report::LoadPoint> points;  // by load; the last takes all that the memory can
};

// The same requests, offered first as fast as the memory takes them and then at loads from 5 % of
// the bandwidth reached. The loads run side by side. REQUIRES: the request has neither a load nor a
// command trace. Throws UserError, for standard input too, which cannot be read again.
LoadSweepOutcome sweep_load(const MemoryRequestRun& request, SweepProgress& progress);

}  // namespace strobe::run
