#pragma once

// What is reduced over each channel of images: batch normalisation in training and its gradient, as
// cuDNN's spatial kernels (bn_fw_tr_1C11, bn_bw_1C11) make them, and the sums that are a bias's
// gradient. A CTA of 512 threads goes over its channel in all images, first for the sums, then, if
// there is something to normalise, again for the result. Images of one pixel are the rows of a
// matrix: there a CTA has 32 channels, side by side in its lanes.

#include <memory>
#include <span>
#include <string_view>

#include "sim/layers/common/kernel.h"
#include "sim/layers/common/layer.h"

namespace strobe::layers {

// "batch_norm", "batch_norm_backward", "channel_sum".
std::span<const std::string_view> channel_operators();

// Arrays: batch_norm reads the images and writes the result; its gradient reads the images and the
// result's gradient and writes the images' one; a sum only reads. Scale, shift and statistics, a
// few numbers for each channel, come last.
std::unique_ptr<Kernel> channel_kernel(const Layer& layer);

}  // namespace strobe::layers
