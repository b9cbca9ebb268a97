#pragma once

// One instance of a Multi-Instance GPU (MIG) as a machine of its own: its SMs, L2 slices and DRAM
// channels are nobody else's, so what the others do does not show.

#include <string>

#include "sim/device/spec.h"

namespace strobe::device {

// Throws UserError, with the profiles that there are, when `gpu` has none of that name.
GpuSpec mig_instance(const GpuSpec& gpu, const std::string& profile);

}  // namespace strobe::device
