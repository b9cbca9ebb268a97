#pragma once

// Bank conflicts of a shared-memory instruction: 32 banks of 4 bytes (CUDA C++ Programming Guide,
// "Shared Memory", compute capability 5.x and later). Lanes that touch the same word share it.

#include <cstdint>

#include "sim/trace/kernel_trace.h"

namespace strobe::sm {

struct SharedPasses {
  std::uint32_t needed = 1;  // passes over the banks that this access takes
  std::uint32_t ideal = 1;   // that its bytes would take without conflicts
};

SharedPasses shared_passes(const trace::Cta& cta, const trace::Instruction& instruction);

}  // namespace strobe::sm
