// Embeddings and dropout, and the way back through what is computed element by element, and through
// what only models that other programs wrote have: copies and products of two tensors.

#include "sim/layers/rows/elementwise.h"
#include "sim/networks/step_builder.h"

namespace strobe::networks {

using layers::Layer;
using Use = Tensor::Use;

// Of a sum with a constant the gradient is the output's; of a product with one, that times it.
void StepBuilder::backward_activation(const Node& node, const NodeTensors& tensors) {
  const std::uint64_t elements = samples_of(node.shape);
  const auto count = static_cast<double>(elements);
  const std::size_t output = *tensors.gradient;
  if (node.function == "addu") return give_gradient(node, 0, output);
  if (node.kind == Kind::softmax) {
    const std::size_t of_input = gradient_of_input(node);
    const Layer layer =
        over_rows(layers::Operator::softmax_backward, "softmax_backward", node.shape);
    launch(node, {"", layer, {output, tensors.output}, {of_input}, 4 * count});
    return give_gradient(node, 0, of_input);
  }
  const bool is_scale = node.function == "mulu" || node.function == "divu";
  const std::string op = is_scale ? "mulu" : node.function + "_backward";
  if (!layers::elementwise_named(op)) {
    throw UserError(node.place,
                    node.name + ": the gradient of '" + node.function + "' is not known");
  }
  std::vector<std::size_t> reads{output};
  if (!is_scale) reads.push_back(tensors.output);
  const std::size_t gradient = gradient_of_input(node);
  launch(node, {"", over(op, elements), reads, {gradient}, count});
  give_gradient(node, 0, gradient);
}

Layer StepBuilder::rows_of_table(layers::Operator op, const Node& node) const {
  const bool is_forward = op == layers::Operator::embedding;
  Layer layer = over_rows(op, is_forward ? "embedding" : "embedding_backward", node.shape);
  layer.table = node.sizes.vocabulary;
  return layer;
}

// Rows of the table are read whole, as many as there are places.
void StepBuilder::forward_embedding(const Node& node, NodeTensors& tensors) {
  tensors.weights = tensor(node.name + ".weight", Use::parameter, node.parameters);
  const std::size_t rows = tensor(node.name + ".rows", Use::view, samples_of(node.shape));
  launch(node, {"", rows_of_table(layers::Operator::embedding, node), {rows}, {tensors.output}, 0});
}

// Which elements are kept: a byte each.
std::size_t StepBuilder::dropout_mask(const Node& node, std::uint64_t elements) {
  const std::size_t index = tensor(node.name + ".mask", Use::activation, elements);
  step_.tensors[index].bytes = elements;
  return index;
}

void StepBuilder::forward_dropout(const Node& node, NodeTensors& tensors) {
  const std::uint64_t elements = samples_of(node.shape);
  tensors.places = dropout_mask(node, elements);
  launch(node, {"",
                over("dropout", elements),
                {input_of(node)},
                {tensors.output, *tensors.places},
                2 * static_cast<double>(elements)});
}

void StepBuilder::backward_dropout(const Node& node, const NodeTensors& tensors) {
  if (!wants_gradient(node.inputs[0])) return;
  const std::uint64_t elements = samples_of(node.shape);
  const std::size_t gradient = gradient_of_input(node);
  launch(node, {"",
                over("dropout_backward", elements),
                {*tensors.gradient, *tensors.places},
                {gradient},
                2 * static_cast<double>(elements)});
  give_gradient(node, 0, gradient);
}

void StepBuilder::backward_copy(const Node& node, std::size_t output) {
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    if (!wants_gradient(node.inputs[i])) continue;
    const std::size_t gradient = gradient_of_input(node, i);
    const std::uint64_t moved = samples_of(network_.nodes[node.inputs[i]].shape);
    launch(node, {"", over("copy", moved), {output}, {gradient}, 0});
    give_gradient(node, i, gradient);
  }
}

// The output's gradient times the other matrix turned.
void StepBuilder::backward_matmul(const Node& node, std::size_t output) {
  const Layer sizes = matmul(node);
  const double operations =
      2 * static_cast<double>(samples_of(node.shape)) * static_cast<double>(node.sizes.out);
  for (const std::size_t i : {0UL, 1UL}) {
    Layer turned = sizes;
    turned.m = i == 0 ? sizes.m : sizes.k;
    turned.n = i == 0 ? sizes.k : sizes.n;
    turned.k = i == 0 ? sizes.n : sizes.m;
    const std::size_t gradient = gradient_of_input(node, i);
    const std::vector<std::size_t> reads{output, input_of(node, 1 - i)};
    launch(node,
           {i == 0 ? "first" : "second", product("bmm", turned), reads, {gradient}, operations});
    give_gradient(node, i, gradient);
  }
}

}  // namespace strobe::networks
