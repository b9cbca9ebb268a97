// The way back through what is computed element by element, and through what only models that other
// programs wrote have: copies and products of two tensors.

#include "sim/layers/elementwise.h"
#include "sim/networks/step_builder.h"

namespace strobe::networks {

using layers::Layer;

// Of a sum with a constant the gradient is the output's; of a product with one, that times it.
void StepBuilder::backward_activation(const Node& node, const NodeTensors& tensors) {
  const std::uint64_t elements = samples_of(node.shape);
  const auto count = static_cast<double>(elements);
  const std::size_t output = *tensors.gradient;
  if (node.function == "addu") return give_gradient(node, 0, output);
  const bool is_scale = node.function == "mulu" || node.function == "divu";
  const std::string op = node.kind == Kind::softmax ? "mul"
                         : is_scale                 ? "mulu"
                                                    : node.function + "_backward";
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
