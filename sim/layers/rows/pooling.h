#pragma once

// Pooling, as PyTorch runs it (aten/src/ATen/native/cuda/DilatedMaxPool2d.cu and AveragePool2d.cu,
// NCHW): a thread for each element of what is written, 256 a CTA. The maximum leaves the place that
// it was found at, as a 64-bit number, and its gradient looks for the input's place among the
// outputs whose windows cover it.

#include <memory>
#include <span>
#include <string_view>

#include "sim/layers/common/kernel.h"
#include "sim/layers/common/layer.h"

namespace strobe::layers {

// "max_pool", "avg_pool" and their gradients, "max_pool_backward", "avg_pool_backward".
std::span<const std::string_view> pooling_operators();

// Arrays: forward reads the images and writes the outputs (and places); backward reads the outputs'
// gradient (and places) and writes that of the images.
std::unique_ptr<Kernel> pooling_kernel(const Layer& layer);

}  // namespace strobe::layers
