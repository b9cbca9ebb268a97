#pragma once

// Accel-Sim/NVBit kernel traces as text, versions without number and 1 to 6, grouped (.traceg) or
// raw (.trace), plain or xz. docs and traps: traces/README.md.

#include <memory>
#include <string>

#include "sim/trace/kernel_trace.h"
#include "sim/trace/warning_log.h"

namespace strobe::trace {

// Grouped traces stream with memory for one CTA; raw ones in passes (raw_source.h).
std::unique_ptr<CtaSource> open_accelsim(const std::string& path, WarningLog& log);

// Reads the file's outer structure only: a header, every CTA of the grid once and whole, as many
// lines as each warp declares, a newline at the end. Throws UserError.
void check_accelsim(const std::string& path);

}  // namespace strobe::trace
