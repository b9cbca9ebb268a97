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

// Of data that one pass moves: four from each of the 32 banks.
inline constexpr std::int64_t kBytesOfPass = 128;

SharedPasses shared_passes(const trace::Cta& cta, const trace::Instruction& instruction);

// 32-bit registers of each lane that come back.
std::int64_t registers_returned(const trace::Instruction& instruction);

// Whether each active lane reads where its neighbour does, or each where the lane after that one
// does: what a GPU that packs registers asks of a load (Spec::shared_pair_registers).
bool pairs_agree(const trace::Cta& cta, const trace::Instruction& instruction);

}  // namespace strobe::sm
