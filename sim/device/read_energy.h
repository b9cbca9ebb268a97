#pragma once

// Reads [energy] of a GPU's file.

#include "sim/device/section.h"

namespace strobe::device {

// Which keys there are depends on `gpu`'s L2, memory and host, which must have been read. Throws
// UserError.
EnergySpec read_energy(Section section, const GpuSpec& gpu);

}  // namespace strobe::device
