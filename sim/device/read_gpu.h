#pragma once

// A GPU from its file in configs/gpu, with the memory part that it names.

#include <string>

#include "sim/device/overrides.h"
#include "sim/device/spec.h"

namespace strobe::device {

// `name` of a GPU in the catalogue, or a path. Throws UserError for anything wrong with the GPU's
// or the part's file, impossible relations between their numbers included.
GpuSpec read_gpu(const std::string& name, const Overrides& overrides = {});

}  // namespace strobe::device
