#pragma once

// `strobe predict GPU NETWORK`.

#include "sim/app/options.h"

namespace strobe::app {

// The options that only networks have, for the help.
const std::vector<OptionSpec>& network_options();

// Throws UserError when one of them is given with a table of layers.
void refuse_network_options(const Options& options);

int predict_network(const Options& options, const std::string& command_line);

}  // namespace strobe::app
