#include "sim/layers/lower.h"

#include "sim/base/check.h"
#include "sim/layers/attention.h"
#include "sim/layers/products/convolution_choice.h"
#include "sim/layers/products/matrix_vector.h"
#include "sim/layers/products/tensor_layers.h"
#include "sim/layers/products/weight_only.h"
#include "sim/layers/rows/channel_kernel.h"
#include "sim/layers/rows/pooling.h"
#include "sim/layers/rows/row_layers.h"

namespace strobe::layers {
namespace {

using Kernels = std::vector<std::unique_ptr<Kernel>>;

void lower_product(const Layer& layer, const device::GpuSpec& gpu,
                   const std::optional<GivenKernel>& given, Kernels& kernels) {
  const GemmPlan plan = given ? given_gemm(layer, *given) : choose_gemm(layer, gpu);
  kernels.push_back(gemm_kernel(layer, plan));
  if (plan.parts > 1 && plan.sum == SplitSum::workspace) {
    kernels.push_back(split_sum_kernel(layer, plan));
  }
}

// Few rows take the weights as they are.
Kernels packed_kernels(const Layer& layer, const device::GpuSpec& gpu) {
  Kernels kernels;
  if (layer.m <= kMostVectors) {
    kernels.push_back(gemv_kernel(layer));
    return kernels;
  }
  kernels = lower(unpacked(layer), gpu);
  kernels.insert(kernels.begin(), unpack_kernel(layer));
  return kernels;
}

}  // namespace

std::vector<std::unique_ptr<Kernel>> lower(const Layer& layer, const device::GpuSpec& gpu,
                                           const std::optional<GivenKernel>& given) {
  if (has_packed_weights(layer)) return packed_kernels(layer, gpu);
  if (asks_for_tensor_cores(layer)) return tensor_kernels(layer, gpu, given);
  if (goes_over_rows(layer.op)) return row_kernels(layer, gpu);
  Kernels kernels;
  switch (layer.op) {
    case Operator::gemv:
      kernels.push_back(gemv_kernel(layer));
      break;
    case Operator::attention_decode: {
      kernels.push_back(decode_attention_kernel(layer));
      const std::uint32_t parts = decode_attention_parts(layer);
      Layer sums = layer;
      sums.n = layer.k;
      sums.type = DataType::fp32;
      if (parts > 1) kernels.push_back(split_sum_kernel(sums, {{}, parts, SplitSum::workspace}));
      break;
    }
    case Operator::attention:
      return attention_kernels(layer, gpu);
    case Operator::attention_backward:
      return attention_backward_kernels(layer, gpu);
    case Operator::pooling:
      kernels.push_back(pooling_kernel(layer));
      break;
    case Operator::channel:
      kernels.push_back(channel_kernel(layer));
      break;
    case Operator::convolution:
    case Operator::convolution_data:
    case Operator::convolution_weights:
      kernels = convolution_kernels(layer, gpu, given);
      break;
    case Operator::linear:
    case Operator::bmm:
      lower_product(layer, gpu, given, kernels);
      break;
    default:
      STROBE_CHECK(false);
  }
  return kernels;
}

}  // namespace strobe::layers
