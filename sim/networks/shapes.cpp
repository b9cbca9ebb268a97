#include <fmt/format.h>

#include <numeric>

#include "sim/networks/network.h"

namespace strobe::networks {
namespace {

[[noreturn]] void refuse(const Node& node, const std::string& why) {
  throw UserError(node.place, "layer " + node.name + ": " + why);
}

std::uint64_t windows(const Node& node, std::uint64_t size, std::uint64_t kernel) {
  const std::uint64_t padded = size + 2 * node.sizes.padding;
  if (padded < kernel) refuse(node, "the window is larger than the padded image");
  return (padded - kernel) / node.sizes.stride + 1;
}

// The images that a window goes over.
Shape image_of(const Node& node, const Shape& shape) {
  if (shape.size() != 3) refuse(node, "needs an image, not " + text_of(shape));
  return shape;
}

// The smallest of an LSTM, where a place's gates see its features and the state before it: four
// gates, with two biases each, as cuDNN has them.
std::uint64_t lstm_parameters(std::uint64_t features, std::uint64_t state) {
  return 4 * state * (features + state + 2);
}

void infer_convolution(Node& node, const Shape& shape) {
  const Shape image = image_of(node, shape);
  Sizes& sizes = node.sizes;
  if (sizes.groups == 0) sizes.groups = 1;
  if (image[0] % sizes.groups != 0 || sizes.out % sizes.groups != 0) {
    refuse(node, fmt::format("{} groups do not divide {} channels and {} filters", sizes.groups,
                             image[0], sizes.out));
  }
  node.shape = {sizes.out, windows(node, image[1], sizes.kernel),
                windows(node, image[2], sizes.kernel_width)};
  node.parameters =
      sizes.out * (image[0] / sizes.groups * sizes.kernel * sizes.kernel_width + sizes.bias);
}

void infer_pooling(Node& node, const Shape& shape) {
  const Shape image = image_of(node, shape);
  Sizes& sizes = node.sizes;
  if (sizes.kernel == 0) {  // everything
    sizes.kernel = image[1];
    sizes.kernel_width = image[2];
  }
  node.shape = {image[0], windows(node, image[1], sizes.kernel),
                windows(node, image[2], sizes.kernel_width)};
}

void infer_attention(const Network& network, Node& node) {
  const Shape& queries = network.nodes[node.inputs[0]].shape;
  if (queries.size() != 2) refuse(node, "needs sequences, not " + text_of(queries));
  Sizes& sizes = node.sizes;
  if (sizes.kv_heads == 0) sizes.kv_heads = sizes.heads;
  if (queries[1] % sizes.heads != 0 || sizes.heads % sizes.kv_heads != 0) {
    refuse(node, fmt::format("{} features are not those of {} heads that share {}", queries[1],
                             sizes.heads, sizes.kv_heads));
  }
  const std::uint64_t expected = queries[1] / sizes.heads * sizes.kv_heads;
  for (const std::size_t i : {1UL, 2UL}) {
    const Shape& other = network.nodes[node.inputs[i]].shape;
    if (other.back() != expected) {
      refuse(node, fmt::format("keys and values of {} heads have {} features, not {}",
                               sizes.kv_heads, expected, other.back()));
    }
  }
  node.shape = queries;
}

void infer_same(const Network& network, Node& node, const Shape& shape) {
  for (const std::size_t input : node.inputs) {
    const Shape& other = network.nodes[input].shape;
    if (other != shape) refuse(node, text_of(shape) + " and " + text_of(other) + " differ");
  }
  node.shape = shape;
}

void infer_node(const Network& network, Node& node) {
  const Shape& shape = network.nodes[node.inputs[0]].shape;
  const std::uint64_t features = shape.back();
  node.shape = shape;
  switch (node.kind) {
    case Kind::convolution:
      return infer_convolution(node, shape);
    case Kind::max_pool:
    case Kind::average_pool:
      return infer_pooling(node, shape);
    case Kind::linear:
      if (shape.size() == 3) refuse(node, "needs features, not an image; flatten it first");
      node.shape.back() = node.sizes.out;
      node.parameters =
          (node.sizes.tied ? 0 : node.sizes.out * features) + node.sizes.out * node.sizes.bias;
      return;
    case Kind::batch_norm:
      node.parameters = 2 * image_of(node, shape)[0];
      return;
    case Kind::layer_norm:
      node.parameters = 2 * features;
      return;
    case Kind::rms_norm:
      node.parameters = features;
      return;
    case Kind::add:
    case Kind::multiply:
      return infer_same(network, node, shape);
    case Kind::embedding:
      node.shape.push_back(node.sizes.out);
      node.parameters = node.sizes.vocabulary * node.sizes.out;
      return;
    case Kind::positions:
      node.parameters = node.sizes.vocabulary * features;
      return;
    case Kind::flatten:
      node.shape = {elements_of(shape)};
      return;
    case Kind::first:
      if (shape.size() != 2) refuse(node, "needs a sequence, not " + text_of(shape));
      node.shape = {features};
      return;
    case Kind::attention:
      return infer_attention(network, node);
    case Kind::lstm:
      if (shape.size() != 2) refuse(node, "needs a sequence, not " + text_of(shape));
      node.shape.back() = node.sizes.out;
      node.parameters = lstm_parameters(features, node.sizes.out);
      return;
    case Kind::input:
    case Kind::copy:
    case Kind::matmul:
    case Kind::activation:
    case Kind::softmax:
    case Kind::rotary:
    case Kind::dropout:
      return;
  }
}

}  // namespace

std::uint64_t elements_of(const Shape& shape) {
  return std::accumulate(shape.begin(), shape.end(), std::uint64_t{1}, std::multiplies<>());
}

std::string text_of(const Shape& shape) {
  return fmt::format("{}", fmt::join(shape, " x "));
}

std::uint64_t Network::counted_parameters() const {
  std::uint64_t sum = 0;
  for (const Node& node : nodes) sum += node.parameters;
  return sum;
}

void infer_shapes(Network& network) {
  for (Node& node : network.nodes) {
    if (node.kind != Kind::input) infer_node(network, node);
  }
}

std::uint64_t key_features(const Network& network, const Node& attention) {
  return network.nodes[attention.inputs[1]].shape.back();
}

}  // namespace strobe::networks
