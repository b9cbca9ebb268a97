#pragma once

// Products of many rows with weights in a format of their own, which no unit multiplies by what the
// rows are in: the weights are first written out in the rows' type, by a kernel that goes over them
// once, and the product is that of two such matrices. So llama.cpp does it (ggml-cuda.cu,
// ggml_cuda_op_mul_mat_cublas) on Pascal and Volta, and elsewhere with GGML_CUDA_FORCE_CUBLAS; its
// kernels for packed operands are not known here. Few rows are matrix_vector.h's.

#include <memory>

#include "sim/layers/common/kernel.h"
#include "sim/layers/common/layer.h"

namespace strobe::layers {

bool has_packed_weights(const Layer& layer);  // a linear layer's

// Arrays: the rows, which it leaves alone, and what it writes, both where the product has them; the
// packed weights.
std::unique_ptr<Kernel> unpack_kernel(const Layer& layer);

// The layer on what that has written.
Layer unpacked(Layer layer);

}  // namespace strobe::layers
