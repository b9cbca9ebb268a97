#pragma once

// Elementwise operators, as PyTorch runs them (aten/src/ATen/native/cuda/CUDALoops.cuh,
// vectorized_elementwise_kernel): 128 threads a CTA, four neighbouring elements a thread, read and
// written with one vector access each; a last CTA that is not full takes them one by one.

#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "sim/layers/common/kernel.h"
#include "sim/layers/common/layer.h"

namespace strobe::layers {

// What an operator does for one element. The instructions are those of the CUDA math library in
// single precision without fast-math; they are our reading of disassembled kernels.
struct ElementwiseOp {
  std::string_view name;
  std::uint32_t inputs;
  std::uint32_t fp32, integer, special;  // instructions for one element
  // So many of the inputs, from the first on, are written again; otherwise there is a result.
  std::uint32_t in_place = 0;
  bool has_mask = false;  // the last input is one, of a byte for an element
};
std::span<const ElementwiseOp> elementwise_operators();
std::optional<ElementwiseOp> elementwise_named(std::string_view name);

std::unique_ptr<Kernel> elementwise_kernel(const Layer& layer);

}  // namespace strobe::layers
