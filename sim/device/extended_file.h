#pragma once

// A config file laid over the sibling that it extends: what a board or a speed grade has in common
// with another is written once.

#include <string>
#include <vector>

#include "sim/device/toml_reader.h"

namespace strobe::device {

// The files that were read are appended to `files`. Throws UserError for a sibling that is not
// there or extends another itself: looking a value up takes two files at most.
TomlNode read_extended(const std::string& file, std::vector<std::string>& files);

}  // namespace strobe::device
