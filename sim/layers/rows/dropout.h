#pragma once

// Dropout in training, as PyTorch runs it (aten/src/ATen/native/cuda/Dropout.cu,
// fused_dropout_kernel_vec): as many CTAs of 256 threads as the GPU holds go over the elements, a
// thread four neighbours at a time, for which it draws one Philox4x32-10 block (Salmon et al.,
// Parallel random numbers: as easy as 1, 2, 3, SC 2011); a byte for each element says whether it
// was kept. The gradient is an elementwise operator, "dropout_backward".

#include <memory>

#include "sim/device/spec.h"
#include "sim/layers/common/kernel.h"
#include "sim/layers/common/layer.h"

namespace strobe::layers {

// Arrays: the elements, the result, the mask.
std::unique_ptr<Kernel> dropout_kernel(const Layer& layer, const device::GpuSpec& gpu);

}  // namespace strobe::layers
