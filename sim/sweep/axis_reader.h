#pragma once

// An [[axis]] of a sweep file: a list of values, or a range that is cut evenly or by a factor.

#include "sim/device/section.h"
#include "sim/sweep/sweep_file.h"

namespace strobe::sweep {

// Throws UserError with file and line.
Axis read_axis(device::Section& section);

}  // namespace strobe::sweep
