// What a framework launches for the loss and for each layer's gradients on the way back. The graph
// of gradients follows from that of the layers: each layer gives its inputs the gradient that its
// output has got, and what is given to one output twice is added up.

#include <algorithm>

#include "sim/base/check.h"
#include "sim/networks/step_builder.h"

namespace strobe::networks {

using layers::Layer;
using Use = Tensor::Use;

// Cross entropy of a softmax: the logarithms and the loss, and the gradient of both together, for
// which PyTorch makes that of the logarithms first.
void StepBuilder::add_loss() {
  Node loss;
  loss.name = "loss";
  NodeTensors& last = nodes_.back();
  const Shape& shape = network_.nodes.back().shape;
  const std::uint64_t elements = samples_of(shape);
  const auto count = static_cast<double>(elements);
  const std::size_t logarithms = tensor("loss", Use::activation, elements);
  launch(loss, {"",
                over_rows(layers::Operator::cross_entropy, "cross_entropy", shape),
                {last.output},
                {logarithms},
                5 * count});
  pass_ = Pass::backward;
  const std::size_t of_logarithms = tensor("loss.targets.gradient", Use::gradient, elements);
  last.gradient = tensor("loss.gradient", Use::gradient, elements);
  launch(loss,
         {"gradient",
          over_rows(layers::Operator::cross_entropy_backward, "cross_entropy_backward", shape),
          {logarithms},
          {of_logarithms, *last.gradient},
          3 * count});
}

void StepBuilder::add_backward() {
  pass_ = Pass::backward;
  for (std::size_t i = network_.nodes.size(); i-- > 1;) {
    const Node& node = network_.nodes[i];
    // What nothing that is trained depends on gets no gradient.
    if (!nodes_[i].gradient) continue;
    backward(node, nodes_[i]);
    if (options_.updates_by_tensor) keep_gradients(node, nodes_[i]);
  }
}

void StepBuilder::backward(const Node& node, const NodeTensors& tensors) {
  switch (node.kind) {
    case Kind::convolution:
      return backward_convolution(node, tensors);
    case Kind::linear:
      return backward_linear(node, tensors);
    case Kind::batch_norm:
    case Kind::layer_norm:
    case Kind::rms_norm:
      return backward_norm(node, tensors);
    case Kind::attention:
      return is_fused(node) ? backward_fused(node, tensors) : backward_eager(node, tensors);
    case Kind::lstm:
      return backward_lstm(node, tensors);
    default:
      return backward_simple(node, tensors);
  }
}

std::size_t StepBuilder::gradient_of_input(const Node& node, std::size_t i) {
  const Node& input = network_.nodes[node.inputs[i]];
  return tensor(input.name + ".gradient", Use::gradient, samples_of(input.shape));
}

void StepBuilder::give_gradient(const Node& node, std::size_t i, std::size_t gradient) {
  const Node& input = network_.nodes[node.inputs[i]];
  NodeTensors& tensors = nodes_[node.inputs[i]];
  if (!tensors.gradient) {
    tensors.gradient = gradient;
    return;
  }
  const std::uint64_t elements = samples_of(input.shape);
  const std::size_t sum = tensor(input.name + ".gradient", Use::gradient, elements);
  launch(input, {"gradients",
                 over("add", elements),
                 {*tensors.gradient, gradient},
                 {sum},
                 static_cast<double>(elements)});
  tensors.gradient = sum;
}

// The same tensor for weights that are used twice.
std::size_t StepBuilder::weight_gradient(std::size_t parameter) {
  const auto [found, is_new] = gradients_.try_emplace(parameter, step_.tensors.size());
  if (is_new) {
    const Tensor& weights = step_.tensors[parameter];
    step_.tensors.push_back({weights.name + ".gradient", Use::gradient, weights.bytes});
  }
  return found->second;
}

// The sum over everything but the channel or feature.
void StepBuilder::backward_bias(const Node& node, const NodeTensors& tensors) {
  if (!node.sizes.bias) return;
  const Shape& shape = node.shape;
  layers::ImageSizes image{rows_of(shape), shape.back(), 1, 1};
  if (shape.size() == 3) image = {options_.batch, shape[0], shape[1], shape[2]};
  const Layer layer = over_images("channel_sum", image);
  launch(node, {"bias",
                layer,
                {*tensors.gradient},
                {weight_gradient(*tensors.bias)},
                static_cast<double>(samples_of(shape))});
}

void StepBuilder::backward_convolution(const Node& node, const NodeTensors& tensors) {
  const Sizes& sizes = node.sizes;
  const Layer weights = image_layer("conv_weights", node);
  const layers::ImageSizes& image = weights.image;
  const double products = static_cast<double>(image.images * image.out_pixels()) *
                          static_cast<double>(image.channels * image.taps()) *
                          static_cast<double>(sizes.out);
  launch(node, {"weights",
                weights,
                {input_of(node), *tensors.gradient},
                {weight_gradient(*tensors.weights)},
                2 * products,
                sizes.groups});
  backward_bias(node, tensors);
  if (!wants_gradient(node.inputs[0])) return;
  const std::size_t gradient = gradient_of_input(node);
  launch(node, {"input",
                image_layer("conv_data", node),
                {*tensors.gradient, *tensors.weights},
                {gradient},
                2 * products,
                sizes.groups});
  give_gradient(node, 0, gradient);
}

// A dense layer's weights are those of a convolution over images of one pixel, and so is their
// gradient.
Layer StepBuilder::dense_as_image(std::string_view op, const Node& node) const {
  const std::uint64_t rows = rows_of(node.shape), features = input_shape(node).back();
  return over_images(op, {rows, features, 1, 1, node.shape.back(), 1, 1});
}

void StepBuilder::backward_linear(const Node& node, const NodeTensors& tensors) {
  Layer sizes;
  sizes.m = rows_of(node.shape);
  sizes.n = input_shape(node).back();
  sizes.k = node.shape.back();
  const double products = static_cast<double>(sizes.m * sizes.n) * static_cast<double>(sizes.k);
  launch(node, {"weights",
                dense_as_image("conv_weights", node),
                {input_of(node), *tensors.gradient},
                {weight_gradient(*tensors.weights)},
                2 * products});
  backward_bias(node, tensors);
  if (!wants_gradient(node.inputs[0])) return;
  const std::size_t gradient = gradient_of_input(node);
  launch(node, {"input",
                product("bmm", sizes),
                {*tensors.gradient, *tensors.weights},
                {gradient},
                2 * products});
  give_gradient(node, 0, gradient);
}

// Norms of rows have a kernel for the input and one for scale and shift, which sums over the rows;
// batch norm has one for all.
void StepBuilder::backward_norm(const Node& node, const NodeTensors& tensors) {
  const std::size_t gradient = gradient_of_input(node);
  const auto count = static_cast<double>(samples_of(node.shape));
  const std::size_t weights = weight_gradient(*tensors.weights);
  if (node.kind == Kind::batch_norm) {
    launch(node, {"",
                  image_layer("batch_norm_backward", node),
                  {input_of(node), *tensors.gradient},
                  {gradient, weights},
                  11 * count});
  } else {
    const Layer layer =
        node.kind == Kind::layer_norm
            ? over_rows(layers::Operator::layer_norm_backward, "layer_norm_backward", node.shape)
            : over_rows(layers::Operator::rms_norm_backward, "rms_norm_backward", node.shape);
    launch(node, {"",
                  layer,
                  {*tensors.gradient, input_of(node), *tensors.weights},
                  {gradient, weights},
                  11 * count});
  }
  give_gradient(node, 0, gradient);
}

void StepBuilder::backward_lstm(const Node& node, const NodeTensors& tensors) {
  const std::uint64_t features = input_shape(node).back(), state = node.sizes.out;
  const std::uint64_t places = node.shape[0], gates = 4 * state;
  const std::size_t of_gates =
      tensor(node.name + ".gates.gradient", Use::gradient, options_.batch * places * gates);
  const double rows = static_cast<double>(options_.batch * places) * static_cast<double>(gates);
  launch(node, {"gates",
                over("lstm_cell", options_.batch * state),
                {tensors.extra[0], *tensors.gradient},
                {of_gates},
                30 * rows / 4,
                places});
  Layer sizes;
  sizes.m = options_.batch;
  sizes.n = state;
  sizes.k = gates;
  launch(node, {"state",
                product("bmm", sizes),
                {of_gates, *tensors.bias},
                {*tensors.gradient},
                2 * rows * static_cast<double>(state),
                places});
  Node dense = node;
  dense.shape.back() = gates;
  launch(node, {"weights_ih",
                dense_as_image("conv_weights", dense),
                {input_of(node), of_gates},
                {weight_gradient(*tensors.weights)},
                2 * rows * static_cast<double>(features)});
  Layer of_state = dense_as_image("conv_weights", dense);
  of_state.image.channels = state;
  launch(node, {"weights_hh",
                of_state,
                {tensors.output, of_gates},
                {weight_gradient(*tensors.bias)},
                2 * rows * static_cast<double>(state)});
  if (!wants_gradient(node.inputs[0])) return;
  const std::size_t gradient = gradient_of_input(node);
  sizes.m = options_.batch * places;
  sizes.n = features;
  launch(node, {"input",
                product("bmm", sizes),
                {of_gates, *tensors.weights},
                {gradient},
                2 * rows * static_cast<double>(features)});
  give_gradient(node, 0, gradient);
}

void StepBuilder::backward_simple(const Node& node, const NodeTensors& tensors) {
  const std::uint64_t elements = samples_of(node.shape);
  const auto count = static_cast<double>(elements);
  const std::size_t output = *tensors.gradient;
  switch (node.kind) {
    case Kind::add:
      give_gradient(node, 0, output);
      return give_gradient(node, 1, output);
    case Kind::flatten:
    case Kind::first:
      return give_gradient(node, 0, output);
    case Kind::embedding:  // the rows' gradients go to the table's
      return launch(node, {"",
                           rows_of_table(layers::Operator::embedding_backward, node),
                           {output},
                           {weight_gradient(*tensors.weights)},
                           count});
    case Kind::multiply:
      for (const std::size_t i : {0UL, 1UL}) {
        const std::size_t gradient = gradient_of_input(node, i);
        launch(node,
               {"", over("mul", elements), {output, input_of(node, 1 - i)}, {gradient}, count});
        give_gradient(node, i, gradient);
      }
      return;
    case Kind::copy:
      return backward_copy(node, output);
    case Kind::dropout:
      return backward_dropout(node, tensors);
    case Kind::matmul:
      return backward_matmul(node, output);
    case Kind::positions:
      weight_gradient(*tensors.weights);
      return give_gradient(node, 0, output);
    default:
      break;
  }
  if (!wants_gradient(node.inputs[0])) return;
  if (node.kind == Kind::activation || node.kind == Kind::softmax) {
    return backward_activation(node, tensors);
  }
  const std::size_t gradient = gradient_of_input(node);
  if (node.kind == Kind::max_pool) {
    launch(
        node,
        {"", image_layer("max_pool_backward", node), {output, *tensors.places}, {gradient}, count});
  } else if (node.kind == Kind::average_pool) {
    launch(node, {"", image_layer("avg_pool_backward", node), {output}, {gradient}, count});
  } else {
    launch(node, {"", over("rotary", elements), {output}, {gradient}, 3 * count});
  }
  give_gradient(node, 0, gradient);
}

}  // namespace strobe::networks
