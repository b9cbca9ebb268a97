#pragma once

// Layers as a user writes them: an operator and its sizes, "linear m=2048 n=4096 k=1024 dtype=fp32"
// on a command line, "batch=1;M=2048;N=4096;K=1024" in a table with the operator beside it. Case
// does not matter.

#include <string_view>
#include <vector>

#include "sim/layers/common/layer.h"

namespace strobe::layers {

// Throws UserError: an unknown operator or key, a missing or impossible size.
Layer parse_layer(std::string_view text);

// The same from the fields of a table. An empty `type` is fp32.
Layer parse_layer(std::string_view op, std::string_view shape, std::string_view type);

// "add, addu, ..., linear, bmm", for messages and the help.
std::string known_operators();

}  // namespace strobe::layers
