#pragma once

// A convolution as the matrix product that it is: how long its sides are, where the elements of
// either side lie in memory, and where the results go.

#include <cstddef>
#include <cstdint>

#include "sim/layers/common/layer.h"
#include "sim/layers/common/placement.h"

namespace strobe::layers {

// One side of the product: which array, and how it is read.
struct ConvolutionSide {
  std::size_t array = 0;
  Places places;
  bool k_runs_fastest = true;
  std::uint32_t width = 1;  // elements of one access
};

struct ConvolutionProduct {
  std::uint64_t rows = 0, columns = 0, k = 0;
  ConvolutionSide of_rows, of_columns;
  MatrixPlaces output;
  std::uint32_t output_width = 1;
};

// REQUIRES: the layer is a convolution or one of its gradients.
ConvolutionProduct product_of(const Layer& layer);

}  // namespace strobe::layers
