#pragma once

// Softmax over rows, as PyTorch runs it (aten/src/ATen/native/cuda/PersistentSoftmax.cuh and
// SoftMax.cu). Rows of up to 1024 elements: a warp holds one or two rows in registers. Longer ones:
// a CTA a row, which it goes over three times, for the maximum, the sum and the result; what the
// caches do not hold in between comes from the DRAM again. Its logarithm is the same kernel with
// another result, and the gradients are kernels of the same two shapes.

#include <memory>

#include "sim/device/spec.h"
#include "sim/layers/common/kernel.h"
#include "sim/layers/common/layer.h"

namespace strobe::layers {

std::unique_ptr<Kernel> softmax_kernel(const Layer& layer, const device::GpuSpec& gpu);

// Arrays: the result's gradient, of a softmax times the result, which an elementwise kernel before
// this one makes; the result; what is written.
std::unique_ptr<Kernel> softmax_backward_kernel(const Layer& layer);

}  // namespace strobe::layers
