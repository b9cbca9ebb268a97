#pragma once

// Layers that are products, as kernels on the tensor cores.

#include <memory>
#include <optional>
#include <vector>

#include "sim/device/spec.h"
#include "sim/layers/common/kernel.h"
#include "sim/layers/common/layer.h"
#include "sim/layers/products/gemm_choice.h"

namespace strobe::layers {

// Of fp32 the FP32 pipes are asked for, whatever tensor cores could do with it.
bool asks_for_tensor_cores(const Layer& layer);

// The kernel and, where k is split, the one that adds up the parts. Without tensor cores products
// of fp16 go two by two through the fp16 pipe. Throws UserError where the GPU has none for another
// type, or the given kernel does not fit the layer.
std::vector<std::unique_ptr<Kernel>> tensor_kernels(const Layer& layer, const device::GpuSpec& gpu,
                                                    const std::optional<GivenKernel>& given);

}  // namespace strobe::layers
