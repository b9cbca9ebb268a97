#pragma once

// A GPU at the SM clock that a measurement was made at.

#include "sim/device/spec.h"

namespace strobe::device {

// A crossbar at the SMs' clock goes along, and an L2 that follows it: the times that are stated for
// them are so many of its cycles. The DRAM and the way to it keep their own time.
GpuSpec at_clock(GpuSpec gpu, Kilohertz clock);

}  // namespace strobe::device
