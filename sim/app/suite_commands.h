#pragma once

// `strobe validate`'s suites of layers, of networks and of power, and how rows of any suite are
// told.

#include <string>
#include <vector>

#include "sim/app/options.h"
#include "sim/report/validation.h"

namespace strobe::app {

// In the form that the options ask for; those that are not as they should be on stderr.
void print_validation(const Options& options, const std::vector<report::ValidationRow>& rows);

// All give the exit status.
int validate_layers(const Options& options, const std::string& command_line);
// A table of the user's own, with the columns of layers/layer_table.h.
int validate_own_layers(const Options& options, const std::string& command_line);
int validate_networks(const Options& options, const std::string& command_line);
int validate_power(const Options& options);

}  // namespace strobe::app
