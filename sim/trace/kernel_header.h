#pragma once

// The head of an Accel-Sim trace file: lines that start with '-', up to the first line that starts
// with '#' (or the first line of the body, where a file has lost it).

#include "sim/trace/kernel_trace.h"
#include "sim/trace/text_input.h"
#include "sim/trace/warning_log.h"

namespace strobe::trace {

struct FileHeader {
  KernelHeader kernel;
  bool line_numbers = false;  // "enable lineinfo": every instruction starts with its source line
};

// Reads up to the first line of the body and leaves that one to be read next. Impossible values
// that only describe (registers, architecture) are warnings; a grid or a block that cannot be is
// the user's mistake.
FileHeader read_header(TextInput& input, WarningLog& log);

}  // namespace strobe::trace
