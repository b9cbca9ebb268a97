#pragma once

// Layer normalisation over rows, as PyTorch runs it (aten/src/ATen/native/cuda/
// layer_norm_kernel.cu, vectorized_layer_norm_kernel): 32x4 threads a row, which go over it twice:
// for mean and variance by Welford's method, and for the result.

#include <memory>

#include "sim/layers/kernel.h"
#include "sim/layers/layer.h"

namespace strobe::layers {

std::unique_ptr<Kernel> layer_norm_kernel(const Layer& layer);

}  // namespace strobe::layers
