#pragma once

// A memory part from its file in configs/dram.

#include <string>
#include <vector>

#include "sim/device/spec.h"
#include "sim/device/toml_reader.h"

namespace strobe::device {

struct SourcedPart {
  dram::PartSpec part;
  std::vector<Sourced> sources;
  std::string file;
};

// `name` of a part in the catalogue, or a path. Throws UserError for anything wrong with the file,
// impossible relations between its numbers included.
SourcedPart read_dram(const std::string& name);

// The same part on a board, whose [memory.controller] table goes over the part's own.
SourcedPart read_dram(const std::string& name, const TomlNode& board_controller);

}  // namespace strobe::device
