#pragma once

// A fused attention kernel: a CTA takes a tile of queries of one head over all keys that they see,
// or over a part of them (flash decoding, Dao et al. 2023), whose sums go to a workspace in 32
// bits.
//
// Places of a sample lie one after another, the heads of a place side by side. Arrays: queries,
// keys, values, output, and the logarithm of each row's sum, which gradients need.

#include <memory>

#include "sim/layers/common/kernel.h"
#include "sim/layers/flash/flash_tile.h"
#include "sim/layers/products/tensor_strip.h"

namespace strobe::layers {

std::unique_ptr<Kernel> flash_kernel(const Layer& layer, const FlashPlan& plan);

// As many fewer samples, or heads that share keys, as a share of the machine has; nothing where
// they do not divide.
std::optional<Layer> attention_share(const Layer& layer, std::uint32_t shares);

// The lines of one head of one sample: `heads` of them side by side in `address`'s array.
struct HeadPlace {
  std::uint64_t address = 0, lines = 0, heads = 0;  // of the array
  std::uint64_t sample = 0, head = 0;
  std::uint64_t depth = 0;
  std::uint32_t element_bytes = 2;
};
TensorStrip head_strip(const HeadPlace& place, std::uint64_t first, std::uint32_t extent);

}  // namespace strobe::layers
