#pragma once

// Exporters write some layers as several operators. What runs ONNX files puts them together again
// before anything else (ONNX Runtime calls it graph optimisation), so that they are one kernel.

#include "sim/onnx/model.h"

namespace strobe::networks {

// Puts Gelu, Silu and LayerNormalization in place of what they were taken apart into.
void fuse_layers(onnx::Model& model);

}  // namespace strobe::networks
