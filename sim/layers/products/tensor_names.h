#pragma once

// What the names of libraries' kernels for tensor cores say of their tiles.

#include "sim/layers/products/gemm_choice.h"
#include "sim/layers/products/tensor_kernel.h"

namespace strobe::layers {

// From the kernel's name and launch, such as ampere_fp16_s16816gemm_fp16_128x64_ldg8_f2f_stages_
// 32x6_tn or sm90_xmma_gemm_bf16bf16_bf16f32_f32_tn_n_tilesize128x128x64_.... Throws UserError when
// its name says no tile, or the grid is not that of the product with this tile.
TensorPlan given_tensor(const TensorProduct& product, const TensorUnit& unit,
                        const GivenKernel& kernel);

}  // namespace strobe::layers
