#pragma once

// `strobe run GPU --layer TEXT`.

#include "sim/app/options.h"

namespace strobe::app {

// The options that only layers have, for the help.
const std::vector<OptionSpec>& layer_options();

// Throws UserError when one of them is given without a layer.
void refuse_layer_options(const Options& options);

int run_layer(const Options& options, const std::string& command_line);

}  // namespace strobe::app
