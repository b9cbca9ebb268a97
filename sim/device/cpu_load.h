#pragma once

// What the CPU does beside the GPU on a memory that both share.

#include "sim/device/spec.h"

namespace strobe::device {

// The CPU moves `load` of the memory's bandwidth while kernels run. Throws UserError where it has
// no part in the GPU's memory, or for more than the memory's pins move.
void set_cpu_load(GpuSpec& gpu, BytesPerSecond load);

}  // namespace strobe::device
