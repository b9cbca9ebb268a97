#pragma once

// The instructions of a generated kernel's warp, before its accesses are given their addresses.

#include <cstdint>
#include <vector>

#include "sim/trace/generate.h"

namespace strobe::trace {

// Which of a kernel's arrays a line accesses, in the order they lie in memory.
enum class Array : std::uint8_t { first, second, third, fourth, none };

struct CodeLine {
  Instruction instruction;
  Array array = Array::none;
  std::uint32_t access = 0;  // which of the warp's accesses to that array, within a turn
};

struct KernelCode {
  std::vector<CodeLine> prologue, turn, epilogue;  // a turn is repeated where the threads loop
};

// More would need more registers than a thread has.
inline constexpr std::uint32_t kMaxAccesses = 16;

KernelCode kernel_code(const KernelRecipe& recipe);
std::uint32_t registers_used(const KernelCode& code);
std::uint32_t lane_bytes_of(const KernelRecipe& recipe);
bool is_random(Pattern pattern);  // its lanes go to random sectors

}  // namespace strobe::trace
