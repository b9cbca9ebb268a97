#pragma once

// Layer normalisation over rows, as PyTorch runs it (aten/src/ATen/native/cuda/
// layer_norm_kernel.cu, vectorized_layer_norm_kernel): 32x4 threads a row, which go over it twice,
// four elements a thread at a time: for mean and variance by Welford's method, and for the result.
// RMS norm is the same kernel (since PyTorch 2.8) with a sum of squares in place of both and no
// shift; TensorRT-LLM, vLLM and llama.cpp too have one kernel for it.
//
// Their gradients are two kernels each: layer_norm_grad_input_kernel_vectorized for the rows, 128
// threads a row, which go over it twice as well; and for the weights a sum over the rows, a CTA for
// 32 columns (GammaBetaBackwardCUDAKernel_32x32 up to PyTorch 2.6), or, of fewer than 128 rows, a
// thread for each column.

#include <memory>

#include "sim/layers/common/kernel.h"
#include "sim/layers/common/layer.h"

namespace strobe::layers {

// Arrays: the rows and gamma are read, the result and the deviation of each row are written; with a
// mean there are beta and the means too.
std::unique_ptr<Kernel> norm_kernel(const Layer& layer);

// Both read the result's gradient and the rows, besides gamma or the rows' statistics.
std::unique_ptr<Kernel> norm_rows_backward_kernel(const Layer& layer);
std::unique_ptr<Kernel> norm_weights_backward_kernel(const Layer& layer);

}  // namespace strobe::layers
