#pragma once

// The loss of a classifier, as PyTorch runs it (aten/src/ATen/native/cuda/Loss.cu behind
// log_softmax): forward, the logarithm of the softmax is written whole, and one CTA of 32 threads
// (NLL_LOSS_THREADS) picks each row's target from it. Backward, an array of zeros gets a number at
// each row's target by another such CTA, and the logarithm's gradient goes over all of it.

#include <memory>
#include <vector>

#include "sim/device/spec.h"
#include "sim/layers/common/kernel.h"
#include "sim/layers/common/layer.h"

namespace strobe::layers {

std::vector<std::unique_ptr<Kernel>> cross_entropy_kernels(const Layer& layer,
                                                           const device::GpuSpec& gpu);
// The first writes the zeros; they, the logarithms and the result are the last one's arrays.
std::vector<std::unique_ptr<Kernel>> cross_entropy_backward_kernels(const Layer& layer);

}  // namespace strobe::layers
