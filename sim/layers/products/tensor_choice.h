#pragma once

// Which kernel a library takes for a product on the tensor cores. cublasLt and cuDNN rank the
// kernels that they have by a heuristic that is not published; this one takes, of the tiles that
// they are known to have for the architecture, the one whose busiest SM should be done first
// (tensor_choice.cpp says how that is reckoned).

#include "sim/device/spec.h"
#include "sim/layers/products/gemm_choice.h"
#include "sim/layers/products/tensor_kernel.h"

namespace strobe::layers {

// `type` is that of the operands, for the kernel's name.
TensorPlan choose_tensor(const TensorProduct& product, const device::GpuSpec& gpu,
                         const TensorUnit& unit, DataType type);

}  // namespace strobe::layers
