#pragma once

// `strobe predict GPU NETWORK`, and what it shares with `strobe compare`.

#include "sim/app/options.h"
#include "sim/run/network_run.h"

namespace strobe::app {

// What a step is, but for its batch.
const std::vector<OptionSpec>& step_options();

// What --power-limit says. Throws UserError.
run::PowerLimit power_limit_of(const Options& options, const std::string& otherwise);

// A request that these options fill in; the GPU, the network and the batch are not theirs to say.
run::NetworkRequest step_request(const Options& options);

// The options that only networks have, for the help.
const std::vector<OptionSpec>& network_options();

// Throws UserError when one of them is given with a table of layers.
void refuse_network_options(const Options& options);

int predict_network(const Options& options, const std::string& command_line);

}  // namespace strobe::app
