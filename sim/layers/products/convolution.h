#pragma once

// Convolutions as implicit matrix products, as cuDNN's IMPLICIT_(PRECOMP_)GEMM kernels for NCHW
// images make them (S. Chetlur et al., "cuDNN: Efficient Primitives for Deep Learning", 2014): the
// rows of the product are filters, its columns the pixels of all outputs, k the taps. The gradient
// of the input has the input's channels as rows and its pixels as columns; that of the filters has
// filters as rows, taps as columns and k goes through all pixels, split over CTAs that add their
// parts up. The tile is that of an SGEMM (gemm.h); only where its elements lie differs.
//
// Arrays: forward reads the images and the filters and writes the outputs; the gradient of the
// input reads the outputs' gradient and the filters; that of the filters reads the images and the
// outputs' gradient.

#include <memory>

#include "sim/layers/common/kernel.h"
#include "sim/layers/common/layer.h"
#include "sim/layers/products/gemm.h"

namespace strobe::layers {

std::unique_ptr<Kernel> convolution_kernel(const Layer& layer, const GemmPlan& plan);

}  // namespace strobe::layers
