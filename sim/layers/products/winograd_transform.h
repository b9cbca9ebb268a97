#pragma once

// The kernels that bring pixels, filters and sums of products to Winograd's elements and back: a
// thread an item, which it reads element by element, transforms in its registers and writes.

#include <memory>
#include <vector>

#include "sim/layers/common/kernel.h"

namespace strobe::layers {

enum class Transform : std::uint8_t {
  pixels,            // patches of 6 x 6 pixels to 36 elements
  filters,           // 3 x 3 filters to 36
  sums,              // 36 sums to 4 x 4 outputs
  filters_of_fused,  // 3 x 3 filters to 16
};

// Patches of `outputs` x `outputs` outputs, side by side over all images.
struct Patches {
  std::uint64_t rows, columns, count;
  Patches(const ImageSizes& image, std::uint64_t outputs);
};

// `products` is what is computed with the elements, and knows where they lie; null for those of the
// fused kernel, which lie before anything else.
std::unique_ptr<Kernel> transform_kernel(const Layer& layer, Transform transform,
                                         const std::shared_ptr<const Kernel>& products);

}  // namespace strobe::layers
