#pragma once

// Memory that a discrete GPU shares with its host by moving it (cudaMallocManaged).

#include "sim/device/spec.h"

namespace strobe::device {

// All memory that kernels use is managed. Throws UserError where host and device share one memory,
// or where the GPU's file does not say how its driver moves pages.
void manage_memory(GpuSpec& gpu);

}  // namespace strobe::device
