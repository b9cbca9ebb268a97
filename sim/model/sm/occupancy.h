#pragma once

// How many CTAs of a kernel an SM holds at once (CUDA C++ Programming Guide, "Hardware
// Multithreading"; the CUDA occupancy calculator's rules).

#include <cstdint>
#include <string_view>

#include "sim/base/units.h"
#include "sim/model/sm/spec.h"
#include "sim/trace/kernel_trace.h"

namespace strobe::sm {

struct Residency {
  std::uint32_t ctas = 0;  // 0: not even one fits
  std::uint32_t warps_per_cta = 0;
  std::string_view limit;  // what stops one more
  Bytes l1_capacity;       // what the resident CTAs leave of the L1
};

Residency residency(const Spec& spec, const trace::KernelHeader& kernel);

}  // namespace strobe::sm
