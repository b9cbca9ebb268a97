#pragma once

// Attention of many queries, in prefill and in training: for every head, the scores of queries and
// keys, a softmax over those that a query sees, and the sums of values that it weighs.
//
// Where there is a fused kernel for the type and the GPU (has_fused_attention, flash_tile.h) it is
// taken, with the kernel that adds up the parts of split keys. Elsewhere (fp32; Pascal, Volta,
// Turing, Apple) it is what frameworks launch without one: the product of queries and keys, a
// scaling, the mask where there is one, a softmax, and the product with the values.

#include <memory>
#include <vector>

#include "sim/device/spec.h"
#include "sim/layers/common/kernel.h"
#include "sim/layers/common/layer.h"

namespace strobe::layers {

std::vector<std::unique_ptr<Kernel>> attention_kernels(const Layer& layer,
                                                       const device::GpuSpec& gpu);

// Of the gradients (flash_backward.h). Throws UserError where attention is not fused: it is other
// layers then, and so are its gradients.
std::vector<std::unique_ptr<Kernel>> attention_backward_kernels(const Layer& layer,
                                                                const device::GpuSpec& gpu);

// The layers that it is made of where it is not fused.
std::vector<Layer> parts_of_attention(const Layer& layer);

}  // namespace strobe::layers
