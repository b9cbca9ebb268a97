#pragma once

// A GPU is many SMs, L2 slices and DRAM channels alike. Where all CTAs of a kernel ask for the same
// work, one n-th of the machine that does one n-th of the work takes the time of the whole: every
// port, bank and queue has the same rate and the same load. What one CTA finds in the L2 because
// another one fetched it is for the kernel to keep as it was (layers/common/kernel.h).

#include <cstdint>

#include "sim/device/result.h"
#include "sim/device/spec.h"

namespace strobe::device {

// SMs, whose CTAs decide how a kernel ends, have to divide evenly. Channels and slices do not:
// those of a share are rounded to whole ones and run as much faster or slower as makes up for it.

// Whether SMs can be divided by `shares`, and channels and slices need not run at a rate that is
// far from theirs, at which a DRAM's times in nanoseconds and in clocks would not fit together.
bool can_be_shared(const GpuSpec& gpu, std::uint32_t shares);

// REQUIRES: can_be_shared(gpu, shares).
GpuSpec share_of(const GpuSpec& gpu, std::uint32_t shares);

// What the whole machine `gpu` counts when each of its shares does what this one did.
RunResult whole_of(RunResult share, const GpuSpec& gpu, std::uint32_t shares);

}  // namespace strobe::device
