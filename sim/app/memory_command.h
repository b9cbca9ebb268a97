#pragma once

// `strobe run` when TARGET is a memory part.

#include "sim/app/options.h"

namespace strobe::app {

// The options that only memory parts have, for the help.
const std::vector<OptionSpec>& memory_options();

// Throws UserError when one of them is given for a GPU.
void refuse_memory_options(const Options& options);

int run_memory(const Options& options, const std::string& command_line);

}  // namespace strobe::app
