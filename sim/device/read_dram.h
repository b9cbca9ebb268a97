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
  std::vector<std::string> files;  // the part's own and the one that it extends
  std::string resolved;            // every key and value, see canonical_text
};

// What a board lays over its part; null where it leaves the part as it is.
struct BoardMemory {
  // Another clock for the same chips: times stated in nanoseconds stay as long as they are, those
  // counted in clocks follow the clock.
  const TomlNode* data_rate = nullptr;
  const TomlNode* controller = nullptr;
  // Any key of the part's file, over all else.
  const TomlNode* overrides = nullptr;
};

// `name` of a part in the catalogue, or a path. Throws UserError for anything wrong with the file,
// impossible relations between its numbers included.
SourcedPart read_dram(const std::string& name, const BoardMemory& board = {});

}  // namespace strobe::device
