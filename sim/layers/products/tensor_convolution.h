#pragma once

// Convolutions as implicit matrix products on the tensor cores, of images stored channels last, as
// cuDNN's kernels for them want it (nhwc): the rows of the product are pixels, its columns filters,
// k goes through the taps and, first, through the channels of each. Of the gradient of the input
// the rows are its pixels and the columns its channels; of that of the filters the rows are
// filters, the columns taps and channels, and k, which goes through all pixels, is split.
//
// Arrays: those of convolution.h. Channels are stored as multiples of 16 bytes.

#include "sim/layers/common/layer.h"
#include "sim/layers/products/tensor_kernel.h"

namespace strobe::layers {

// REQUIRES: the layer is a convolution or one of its gradients, in a type of whole bytes.
TensorProduct tensor_convolution_of(const Layer& layer);

}  // namespace strobe::layers
