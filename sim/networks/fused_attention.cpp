// Attention where it is one kernel (layers/attention.h): no scores are left in memory, and the
// gradients make them again.

#include <algorithm>

#include "sim/layers/layer_text.h"
#include "sim/networks/step_builder.h"

namespace strobe::networks {

using layers::Layer;
using Use = Tensor::Use;

namespace {

// Operations of the products of every pair of a query and a key that it sees.
double operations_of(const Layer& layer, double products) {
  return 2 * products * layer.attention.pairs() * static_cast<double>(layer.attention.depth);
}

}  // namespace

bool StepBuilder::is_fused(const Node& node) const {
  const std::uint64_t depth = node.shape[1] / node.sizes.heads;
  return options_.has_fused_attention && depth % 8 == 0 && depth <= 256;
}

Layer StepBuilder::fused_layer(std::string_view op, const Node& node) const {
  Layer layer = layers::parse_layer(op, "heads=1;q=1;d=8", layers::name_of(options_.type));
  const std::uint64_t places = node.shape[0], keys = std::max(network_.context, places);
  layer.attention = {options_.batch,
                     node.sizes.heads,
                     node.sizes.kv_heads,
                     places,
                     keys,
                     node.shape[1] / node.sizes.heads,
                     node.sizes.causal ? 1U : 0U};
  return layer;
}

void StepBuilder::forward_fused(const Node& node, NodeTensors& tensors, const KeysAndValues& all) {
  const Layer layer = fused_layer("attention", node);
  const std::uint64_t rows = options_.batch * node.sizes.heads * node.shape[0];
  const std::size_t sums =
      tensor(node.name + ".sums", Use::activation, rows * 4 / layers::bytes_of(options_.type));
  launch(node, {"",
                layer,
                {input_of(node), all.keys, all.values},
                {tensors.output, sums},
                operations_of(layer, 2)});
  tensors.extra = {sums};
}

// The queries' gradients are added up in 32 bits.
void StepBuilder::backward_fused(const Node& node, const NodeTensors& tensors) {
  const Layer layer = fused_layer("attention_backward", node);
  const std::uint64_t rows = options_.batch * node.sizes.heads * node.shape[0];
  const std::uint32_t of_word = 4 / layers::bytes_of(options_.type);
  const std::size_t row_sums = tensor(node.name + ".products", Use::gradient, rows * of_word);
  const std::size_t wide =
      tensor(node.name + ".queries", Use::gradient, samples_of(node.shape) * of_word);
  const std::size_t of_query = gradient_of_input(node, 0), of_key = gradient_of_input(node, 1),
                    of_value = gradient_of_input(node, 2);
  launch(node, {"",
                layer,
                {*tensors.gradient, tensors.output, input_of(node), input_of(node, 1),
                 input_of(node, 2), tensors.extra[0]},
                {row_sums, wide, of_query, of_key, of_value},
                operations_of(layer, 5)});
  give_gradient(node, 0, of_query);
  give_gradient(node, 1, of_key);
  give_gradient(node, 2, of_value);
}

}  // namespace strobe::networks
