#pragma once

// A [[work]] that is a layer: `layer = "linear n=4096 k=1024"`, as `strobe run --layer` takes it. A
// size may stand beside it as a key of its own, `m = 512`, so that an axis can vary it.

#include "sim/device/result.h"
#include "sim/device/section.h"
#include "sim/device/spec.h"
#include "sim/layers/common/layer.h"

namespace strobe::sweep {

struct LayerWork {
  layers::Layer layer;
  bool exact = false;  // nothing is sampled
};

// Reads all keys of the table. Throws UserError with the place of what is wrong.
LayerWork read_layer(const device::Section& section);

// How long a run of it takes one core, about, after sampling. Throws UserError when the GPU cannot
// run it.
double estimated_seconds(const LayerWork& work, const device::GpuSpec& gpu);

device::RunResult run_layer(const LayerWork& work, const device::GpuSpec& gpu);

}  // namespace strobe::sweep
