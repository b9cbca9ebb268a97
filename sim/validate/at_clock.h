#pragma once

// A GPU at the SM clock that a measurement was made at.

#include "sim/device/spec.h"

namespace strobe::validate {

// What runs at the SMs' clock on this GPU goes along, mostly L2 and crossbar: the times that are
// stated for them are so many of its cycles. The DRAM and the way to it keep their own time.
device::GpuSpec at_clock(device::GpuSpec gpu, Kilohertz clock);

}  // namespace strobe::validate
