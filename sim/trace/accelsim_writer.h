#pragma once

// Writes a program as Accel-Sim traces of version 5: kernelslist.g and one .traceg a kernel. Other
// tools read them, and open_program() reads back the same instructions: an operation is written
// with the commonest opcode of its class.

#include <string>

#include "sim/trace/program.h"

namespace strobe::trace {

// Makes the folder where it is missing. Files appear under their names only when they are whole.
// Throws UserError when something cannot be written, or holds bulk copies, for which version 5 has
// no words.
void write_accelsim(Program& program, const std::string& folder);

}  // namespace strobe::trace
