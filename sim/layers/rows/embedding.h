#pragma once

// Rows of a table by their numbers, and the table's gradient, as PyTorch runs them. Forward
// (IndexKernelUtils.cu, vectorized_gather_kernel): a CTA a row, 16 bytes a thread. Backward
// (aten/src/ATen/native/cuda/Embedding.cu, EmbeddingBackwardKernel.cu): the whole table's gradient
// is zeroed. Up to 3072 rows are then added by a CTA for each 32 columns, 16 at a time. More are
// sorted by their number (CUB's radix sort, eight bits a pass), cut into segments of equal numbers,
// summed within each, and the sums written to the table. Numbers are spread evenly over the table,
// so that hardly any comes twice.

#include <memory>
#include <vector>

#include "sim/layers/common/kernel.h"
#include "sim/layers/common/layer.h"

namespace strobe::layers {

// Arrays: the table, the rows' numbers, the result.
std::unique_ptr<Kernel> embedding_kernel(const Layer& layer);

// The first writes the table's zeros.
std::vector<std::unique_ptr<Kernel>> embedding_backward_kernels(const Layer& layer);

}  // namespace strobe::layers
