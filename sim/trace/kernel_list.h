#pragma once

// Opens what a user names on the command line as a program: a kernelslist, a folder that holds one,
// or a single kernel trace.

#include <memory>
#include <string>
#include <vector>

#include "sim/trace/program.h"

namespace strobe::trace {

// The steps of a kernelslist.g (or the raw kernelslist), one command a line:
//   MemcpyHtoD,0x00007fb0fc400000,200000        address, bytes; a fourth field is some forks' own
//   MemcpyDtoH,0x00007fb0fc400000,200000        likewise, back to the host
//   kernel-1.traceg                             a trace file, its path relative to the list
// Other lines are skipped, as are copies back to the host.
std::vector<Step> read_kernel_list(const std::string& path);

// Throws UserError when something is missing or malformed.
std::unique_ptr<Program> open_program(const std::string& path);

}  // namespace strobe::trace
