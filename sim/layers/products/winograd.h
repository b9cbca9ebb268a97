#pragma once

// Convolutions of 3 x 3 windows and stride 1 by Winograd's minimal filtering (A. Lavin and S. Gray,
// "Fast Algorithms for Convolutional Neural Networks", 2015), as cuDNN makes them in FP32.
//
// Apart, F(4x4, 3x3): three kernels (winograd_nonfused::winogradForwardData4x4, ...Filter4x4,
// ...Output4x4) bring patches of 6 x 6 pixels and filters to 36 elements, and the 36 sums over the
// channels back to 4 x 4 outputs; between them 36 matrix products are one batched SGEMM.
//
// Fused, F(2x2, 3x3): scudnn_winograd_128x128_ldg1_ldg4. A kernel brings the filters to 16 elements
// (generateWinogradTilesKernel); a CTA of the main kernel takes 32 filters and 32 patches of 4 x 4
// pixels, eight channels at a time: it transforms the patches on their way to shared memory, makes
// 16 products of 32 x 32 for every channel, as many as a 128 x 128 tile of an SGEMM, and transforms
// its sums at the end.

#include <memory>
#include <optional>
#include <vector>

#include "sim/layers/common/kernel.h"
#include "sim/layers/products/gemm_choice.h"

namespace strobe::layers {

// The 32 patches of a fused CTA: of how many images, and how many along either axis.
struct PatchBlock {
  std::uint64_t images, rows, columns;
};

// Whether the layer can be computed so at all.
bool is_winograd(const Layer& layer);

// The patches of the fused kernel that take the fewest CTAs.
PatchBlock choose_patches(const Layer& layer);
// Of "..._tile148t_nt_v1": one image, four rows, eight columns.
std::optional<PatchBlock> patches_in(std::string_view kernel);
std::uint64_t fused_ctas(const Layer& layer, const PatchBlock& block);

// REQUIRES of both: is_winograd(layer).
std::vector<std::unique_ptr<Kernel>> fused_winograd_kernels(const Layer& layer,
                                                            const PatchBlock& block);
// The products between the transforms.
Layer winograd_products(const Layer& layer);
std::vector<std::unique_ptr<Kernel>> winograd_kernels_apart(const Layer& layer,
                                                            const GemmPlan& plan);

}  // namespace strobe::layers
