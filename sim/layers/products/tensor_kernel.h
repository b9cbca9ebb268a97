#pragma once

// A kernel of matrix products on the tensor cores, of matrices that are stored as such or exist
// only as windows of images.
//
// CTAs lie in bands of eight columns of tiles that are gone through row by row, so that those that
// run together share what the L2 holds (CUTLASS, GemmIdentityThreadblockSwizzle). Where k is split,
// each part writes its sums in 32 bits to a workspace that another kernel adds up.
//
// Arrays: both sides in the order in which the layer has them, output, bias; then the scales of
// both sides, where they have some.

#include <memory>
#include <string>

#include "sim/layers/common/kernel.h"
#include "sim/layers/common/layer.h"
#include "sim/layers/common/placement.h"
#include "sim/layers/products/tensor_tile.h"

namespace strobe::layers {

struct TensorSide {
  std::size_t array = 0;
  Places places;
  bool k_runs_fastest = true;
  std::uint32_t width = 8;         // units that lie together, aligned
  std::uint64_t bytes = 0;         // of the array
  std::uint64_t batch_stride = 0;  // units
};

struct TensorProduct {
  std::uint64_t rows = 0, columns = 0, k = 0, batch = 1;  // k in units
  std::uint32_t unit_bytes = 2;
  TensorSide of_rows, of_columns;
  MatrixPlaces output;  // a line is a row, k the column
  std::uint32_t output_bytes = 2;
  bool has_bias = false;
  // Bytes of scales for 128 lines of a side and a unit of k, times 256; 0: there are none.
  std::uint32_t scales = 0;
};

struct TensorPlan {
  std::string kernel;  // the library's name
  TensorTile tile;
  TensorUnit unit;
  std::uint32_t parts = 1;  // of k
};

// Operands of a layer's type as units of whole bytes.
std::uint32_t unit_bytes_of(DataType type);
std::uint64_t units_of(DataType type, std::uint64_t elements);

std::unique_ptr<Kernel> tensor_kernel(const TensorProduct& product, const TensorPlan& plan);

// linear and bmm.
TensorProduct tensor_product_of(const Layer& layer);

// Units that lie together and aligned where lines start so many units apart.
std::uint32_t aligned_width(std::uint64_t stride, std::uint32_t unit_bytes);

}  // namespace strobe::layers
