#pragma once

// The instructions of a generated kernel's warp, before its accesses are given their addresses.

#include <cstdint>
#include <vector>

#include "sim/trace/generate.h"

namespace strobe::trace {

// Which of a kernel's arrays a line accesses, in the order they lie in memory.
enum class Array : std::uint8_t { first, second, third, none };

struct CodeLine {
  Instruction instruction;
  Array array = Array::none;
  std::uint32_t access = 0;  // which of the warp's accesses to that array
};

// More would need more registers than a thread has.
inline constexpr std::uint32_t kMaxAccesses = 16;

std::vector<CodeLine> kernel_code(const KernelRecipe& recipe);
std::uint32_t registers_used(const std::vector<CodeLine>& code);

}  // namespace strobe::trace
