#pragma once

// The kernels that a convolution or one of its gradients becomes: cuDNN's implicit matrix products
// (convolution.h), or Winograd's filtering (winograd.h) where that takes fewer cycles.

#include <memory>
#include <optional>
#include <vector>

#include "sim/device/spec.h"
#include "sim/layers/common/kernel.h"
#include "sim/layers/products/gemm_choice.h"

namespace strobe::layers {

// `given` is the main kernel that somebody saw run forward. Throws UserError when its name is of
// none of these, or its grid not the layer's.
std::vector<std::unique_ptr<Kernel>> convolution_kernels(const Layer& layer,
                                                         const device::GpuSpec& gpu,
                                                         const std::optional<GivenKernel>& given);

}  // namespace strobe::layers
