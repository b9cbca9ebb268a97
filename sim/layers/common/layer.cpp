#include "sim/layers/common/layer.h"

#include <fmt/format.h>

namespace strobe::layers {

bool is_product(Operator op) {
  return op >= Operator::linear && op <= Operator::attention_decode;
}

bool is_embedding(Operator op) {
  return op == Operator::embedding || op == Operator::embedding_backward;
}

bool is_norm(Operator op) {
  return op >= Operator::layer_norm && op <= Operator::rms_norm_backward;
}

bool has_images(Operator op) {
  return op >= Operator::pooling;
}

bool is_attention(Operator op) {
  return op == Operator::attention || op == Operator::attention_backward;
}

double AttentionSizes::pairs() const {
  const double all = static_cast<double>(queries) * static_cast<double>(keys);
  const double hidden = causal ? static_cast<double>(queries) * double(queries - 1) / 2 : 0;
  return static_cast<double>(batch * heads) * (all - hidden);
}

std::string to_text(const Layer& layer) {
  const std::string_view type = name_of(layer.type);
  if (has_images(layer.op)) {
    const ImageSizes& image = layer.image;
    std::string text = fmt::format("{} n={} c={} h={} w={}", layer.name, image.images,
                                   image.channels, image.height, image.width);
    if (layer.op != Operator::channel) {
      text += fmt::format(" r={} s={} stride={} pad={}", image.kernel_height, image.kernel_width,
                          image.stride, image.padding);
    }
    if (layer.op >= Operator::convolution) text += fmt::format(" k={}", image.filters);
    return fmt::format("{} dtype={}", text, type);
  }
  if (is_attention(layer.op)) {
    const AttentionSizes& sizes = layer.attention;
    const std::string splits = sizes.splits > 0 ? fmt::format(" splits={}", sizes.splits) : "";
    return fmt::format("{} batch={} heads={} kv_heads={} q={} kv={} d={} causal={}{} dtype={}",
                       layer.name, sizes.batch, sizes.heads, sizes.kv_heads, sizes.queries,
                       sizes.keys, sizes.depth, sizes.causal, splits, type);
  }
  if (is_product(layer.op)) {
    const std::string batch = layer.op == Operator::bmm || layer.op == Operator::attention_decode
                                  ? fmt::format("batch={} ", layer.batch)
                                  : "";
    const std::string weights =
        layer.weights.empty() ? "" : fmt::format(" weights={}", layer.weights);
    return fmt::format("{} {}m={} n={} k={} dtype={}{}", layer.name, batch, layer.m, layer.n,
                       layer.k, type, weights);
  }
  const std::string table = is_embedding(layer.op) ? fmt::format(" table={}", layer.table) : "";
  return fmt::format("{} rows={} cols={}{} dtype={}", layer.name, layer.rows, layer.columns, table,
                     type);
}

}  // namespace strobe::layers
