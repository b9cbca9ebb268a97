#include "sim/layers/attention.h"

#include "sim/base/error.h"
#include "sim/layers/flash/flash_backward.h"
#include "sim/layers/flash/flash_kernel.h"
#include "sim/layers/layer_text.h"
#include "sim/layers/lower.h"
#include "sim/layers/products/gemm.h"

namespace strobe::layers {
namespace {

Layer over(std::string_view op, const Layer& like) {
  Layer layer = parse_layer(op, "rows=1;cols=16", name_of(storage_of(like.type)));
  const AttentionSizes& sizes = like.attention;
  layer.rows = sizes.batch * sizes.heads * sizes.queries;
  layer.columns = sizes.keys;
  return layer;
}

Layer product(const Layer& like, std::uint64_t n, std::uint64_t k) {
  const AttentionSizes& sizes = like.attention;
  Layer layer;
  layer.op = Operator::bmm;
  layer.name = "bmm";
  layer.type = like.type;
  layer.batch = sizes.batch * sizes.heads;
  layer.m = sizes.queries;
  layer.n = n;
  layer.k = k;
  return layer;
}

}  // namespace

bool has_fused_attention(DataType type, const device::GpuSpec& gpu) {
  Layer layer;
  layer.type = type;
  layer.attention = {1, 1, 1, 1, 1, 64, 0, 1};
  return flash_plan(layer, gpu).has_value();
}

std::vector<Layer> parts_of_attention(const Layer& layer) {
  const AttentionSizes& sizes = layer.attention;
  std::vector<Layer> parts{product(layer, sizes.keys, sizes.depth), over("mulu", layer)};
  if (sizes.causal) parts.push_back(over("addu", layer));
  parts.push_back(over("softmax", layer));
  parts.push_back(product(layer, sizes.depth, sizes.keys));
  return parts;
}

std::vector<std::unique_ptr<Kernel>> attention_kernels(const Layer& layer,
                                                       const device::GpuSpec& gpu) {
  std::vector<std::unique_ptr<Kernel>> kernels;
  const std::optional<FlashPlan> plan = flash_plan(layer, gpu);
  if (!plan) {
    for (const Layer& part : parts_of_attention(layer)) {
      for (auto& kernel : lower(part, gpu)) kernels.push_back(std::move(kernel));
    }
    return kernels;
  }
  kernels.push_back(flash_kernel(layer, *plan));
  if (plan->parts > 1) {
    const AttentionSizes& sizes = layer.attention;
    Layer sums;
    sums.type = DataType::fp32;
    sums.batch = sizes.batch * sizes.heads;
    sums.m = sizes.queries;
    sums.n = sizes.depth;
    kernels.push_back(split_sum_kernel(sums, {{}, plan->parts, SplitSum::workspace}));
  }
  return kernels;
}

std::vector<std::unique_ptr<Kernel>> attention_backward_kernels(const Layer& layer,
                                                                const device::GpuSpec& gpu) {
  const std::optional<FlashPlan> plan = flash_backward_plan(layer, gpu);
  if (!plan) {
    throw UserError("layer " + layer.name + ": " + gpu.title + " has no fused attention in " +
                    std::string(name_of(layer.type)));
  }
  return flash_backward_kernels(layer, *plan);
}

}  // namespace strobe::layers
