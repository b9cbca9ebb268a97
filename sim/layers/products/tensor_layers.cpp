#include "sim/layers/products/tensor_layers.h"

#include "sim/base/error.h"
#include "sim/layers/products/gemm.h"
#include "sim/layers/products/gemm_choice.h"
#include "sim/layers/products/matrix_vector.h"
#include "sim/layers/products/tensor_choice.h"
#include "sim/layers/products/tensor_convolution.h"
#include "sim/layers/products/tensor_names.h"

namespace strobe::layers {

bool asks_for_tensor_cores(const Layer& layer) {
  const bool is_product = layer.op == Operator::linear || layer.op == Operator::bmm ||
                          layer.op >= Operator::convolution;
  return is_product && layer.type != DataType::fp32;
}

namespace {

// A single row is cuBLAS's gemv's, whose warps read the weights from end to end, where it has one.
bool is_vector(const Layer& layer) {
  return layer.op == Operator::linear && layer.m == 1 && is_general(layer.type);
}

// Whether the pipes' pairs of 16 bits can do it.
bool is_paired(const Layer& layer) {
  return layer.type == DataType::fp16 && is_product(layer.op);
}

std::vector<std::unique_ptr<Kernel>> paired_kernels(const Layer& layer,
                                                    const device::GpuSpec& gpu) {
  std::vector<std::unique_ptr<Kernel>> kernels;
  kernels.push_back(is_vector(layer) ? gemv_kernel(layer)
                                     : gemm_kernel(layer, choose_gemm(layer, gpu)));
  return kernels;
}

}  // namespace

std::vector<std::unique_ptr<Kernel>> tensor_kernels(const Layer& layer, const device::GpuSpec& gpu,
                                                    const std::optional<GivenKernel>& given) {
  const std::string type(name_of(layer.type));
  const std::optional<TensorUnit> unit = tensor_unit(layer.type, gpu);
  if (!unit && is_paired(layer) && !given) return paired_kernels(layer, gpu);
  if (!unit) {
    throw UserError("layer " + layer.name + ": " + gpu.title + " has no tensor cores for " + type);
  }
  const bool is_convolution = layer.op >= Operator::convolution;
  if (is_convolution && bits_of(layer.type) < 8) {
    throw UserError("layer " + layer.name + ": no convolution is known in " + type);
  }
  const TensorProduct product =
      is_convolution ? tensor_convolution_of(layer) : tensor_product_of(layer);
  const TensorPlan plan = given && !is_convolution ? given_tensor(product, *unit, *given)
                                                   : choose_tensor(product, gpu, *unit, layer.type);
  std::vector<std::unique_ptr<Kernel>> kernels;
  if (is_vector(layer) && !given && unit->has_vector_kernel()) {
    kernels.push_back(gemv_kernel(layer));
    return kernels;
  }
  kernels.push_back(tensor_kernel(product, plan));
  if (plan.parts == 1) return kernels;
  Layer sums;
  sums.type = layer.type;
  sums.batch = product.batch;
  sums.m = product.rows;
  sums.n = product.columns;
  kernels.push_back(split_sum_kernel(sums, {{}, plan.parts, SplitSum::workspace}));
  return kernels;
}

}  // namespace strobe::layers
