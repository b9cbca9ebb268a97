#pragma once

// An instruction as a line of version 5, the inverse of InstructionParser.

#include <fmt/format.h>

#include "sim/trace/kernel_trace.h"

namespace strobe::trace {

// Throws UserError for a bulk copy. Register lists that no opcode expands to are written as they
// are, as far as a line holds them.
void append_line(const Cta& cta, const Instruction& instruction, fmt::memory_buffer& text);

}  // namespace strobe::trace
