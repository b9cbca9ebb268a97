#pragma once

#include "sim/device/spec.h"
#include "sim/device/toml_reader.h"

namespace strobe::device {

// What must hold between the numbers of a machine. Throws UserError at the key of `root` that
// breaks a relation.
void check_relations(const GpuSpec& gpu, const TomlNode& root);

}  // namespace strobe::device
