#pragma once

// Networks as ONNX files: the first size of what goes in is the batch, whatever the file says, and
// every layer is worked out for one sample.

#include <string>

#include "sim/networks/network_file.h"

namespace strobe::networks {

bool is_onnx_file(const std::string& name);

// Throws UserError, among others with all operators that are not known, and the names of open sizes
// beside the batch. One open size may be given by `sizes.tokens`.
Network read_onnx_network(const std::string& path, const SequenceSizes& sizes);

}  // namespace strobe::networks
