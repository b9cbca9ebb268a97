#pragma once

// A GPU is many SMs, L2 slices and DRAM channels alike. Where all CTAs of a kernel ask for the same
// work, one n-th of the machine that does one n-th of the work takes the time of the whole: every
// port, bank and queue has the same rate and the same load. What one CTA finds in the L2 because
// another one fetched it is for the kernel to keep as it was (layers/kernel.h).

#include <cstdint>

#include "sim/device/result.h"
#include "sim/device/spec.h"

namespace strobe::device {

// Whether SMs, slices and channels can each be divided by `shares`, the channels of each side of
// the L2 where it has two.
bool can_be_shared(const GpuSpec& gpu, std::uint32_t shares);

// REQUIRES: can_be_shared(gpu, shares).
GpuSpec share_of(const GpuSpec& gpu, std::uint32_t shares);

// What the whole machine counts when each of its shares does what this one did.
RunResult whole_of(RunResult share, std::uint32_t shares);

}  // namespace strobe::device
