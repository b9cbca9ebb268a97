#pragma once

// Networks as files: ONNX (onnx_network.h), or TOML: configs/networks/README.md has the keys.
// Blocks of layers that come again and again are written once and used by their name, with
// arguments.

#include <string>
#include <string_view>

#include "sim/networks/network.h"

namespace strobe::networks {

// How much of a sequence goes in at once, and how far attention looks back. Zeros: as the file
// says.
struct SequenceSizes {
  std::uint64_t tokens = 0, context = 0;
};

// Of a name as device/catalogue.h takes it, shapes worked out. Throws UserError, also when the
// parameters are not as many as the file says were published.
Network read_network(const std::string& name, const SequenceSizes& sizes = {});
Network parse_network(std::string_view text, const std::string& file,
                      const SequenceSizes& sizes = {});

}  // namespace strobe::networks
