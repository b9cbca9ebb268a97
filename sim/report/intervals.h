#pragma once

// The group /intervals of a run's file: what was counted in each interval of simulated time.

#include "sim/device/result.h"
#include "sim/report/hdf5_file.h"

namespace strobe::report {

void write_intervals(Hdf5File& file, const device::RunResult& result);

}  // namespace strobe::report
