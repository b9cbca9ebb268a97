#pragma once

// A kernel in the metrics of NVIDIA's Nsight Compute: the same names, units and denominators, so
// that a run can be joined with a profile of the same kernel on hardware, column by column. Only
// what the model counts as the profiler defines it is here; the rest of a profile has no
// counterpart. Sums are of what was simulated: of a layer whose kernels were sampled they are less
// than the whole kernel's, ratios and rates are not.

#include <string>
#include <vector>

#include "sim/device/result.h"
#include "sim/device/spec.h"

namespace strobe::report {

struct NsightMetric {
  std::string name, unit, meaning;  // unit as the profiler prints it
  double value = 0;                 // not a number where it is a ratio of nothing
};

// The same metrics in the same order for every kernel.
std::vector<NsightMetric> nsight_metrics(const device::KernelResult& kernel,
                                         const device::GpuSpec& gpu);

// A table of all kernels, as `ncu --csv --page raw` prints one: a line of names, one of units, one
// a kernel.
std::string nsight_csv(const device::RunResult& result, const device::GpuSpec& gpu);

}  // namespace strobe::report
