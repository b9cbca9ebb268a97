#pragma once

// A layer becomes the kernels that PyTorch, cuBLAS and cuDNN run for it.

#include <memory>
#include <optional>
#include <vector>

#include "sim/device/spec.h"
#include "sim/layers/common/kernel.h"
#include "sim/layers/common/layer.h"
#include "sim/layers/products/gemm_choice.h"

namespace strobe::layers {

// In the order of their launch. With a given kernel, a matrix product is made by that one; what
// other layers run does not depend on it. Throws UserError where it does not fit the layer.
std::vector<std::unique_ptr<Kernel>> lower(const Layer& layer, const device::GpuSpec& gpu,
                                           const std::optional<GivenKernel>& given = {});

// Whether attention of many queries is one kernel, which leaves no scores in memory.
bool has_fused_attention(DataType type, const device::GpuSpec& gpu);

}  // namespace strobe::layers
