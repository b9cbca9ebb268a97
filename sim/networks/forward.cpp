// What a framework launches for each layer on the way forward.

#include <algorithm>

#include "sim/layers/layer_text.h"
#include "sim/layers/products/matrix_vector.h"
#include "sim/networks/step_builder.h"

namespace strobe::networks {

using layers::Layer;
using Use = Tensor::Use;

StepBuilder::StepBuilder(const Network& network, const StepOptions& options)
    : network_(network), options_(options), products_(options.type), nodes_(network.nodes.size()) {
  options_.type = layers::storage_of(options.type);
  const bool is_narrow = layers::bits_of(products_) < layers::bits_of(options_.type);
  if (is_narrow && !options.training && options_.weights.empty()) {
    options_.weights = layers::name_of(products_);
  }
}

std::size_t StepBuilder::tensor(const std::string& name, Use use, std::uint64_t elements) {
  step_.tensors.push_back({name, use, elements * layers::bytes_of(options_.type)});
  return step_.tensors.size() - 1;
}

void StepBuilder::launch(const Node& node, Launch launch) {
  Operation operation;
  operation.name = launch.what.empty() ? node.name : node.name + " " + launch.what;
  operation.pass = pass_;
  operation.layer = std::move(launch.layer);
  operation.times = launch.times;
  operation.reads = std::move(launch.reads);
  operation.writes = std::move(launch.writes);
  operation.operations = launch.operations;
  step_.operations.push_back(std::move(operation));
}

// An operator on all elements, whatever their shape.
Layer StepBuilder::over(std::string_view op, std::uint64_t elements) const {
  Layer layer = layers::parse_layer(op, "rows=1;cols=16", layers::name_of(options_.type));
  layer.columns = elements;
  return layer;
}

// An operator on rows of the last axis.
Layer StepBuilder::over_rows(layers::Operator op, std::string_view name, const Shape& shape) const {
  Layer layer;
  layer.op = op;
  layer.name = name;
  layer.type = options_.type;
  layer.rows = rows_of(shape);
  layer.columns = shape.back();
  return layer;
}

// In which format a dense layer's matrix is; empty for the type of everything.
std::string StepBuilder::format_of(const Node& node) const {
  const auto table = std::ranges::find(network_.nodes, Kind::embedding, &Node::kind);
  const bool is_head = table != network_.nodes.end() && node.sizes.out == table->sizes.vocabulary;
  if (!is_head || options_.weights.empty()) return options_.weights;
  if (!options_.head.empty()) return options_.head;
  return layers::weight_format_named(options_.weights)->spares_head ? "" : options_.weights;
}

std::size_t StepBuilder::weight_tensor(const Node& node, std::uint64_t weights) {
  const std::size_t index = tensor(node.name + ".weight", Use::parameter, weights);
  const std::string format = format_of(node);
  if (!format.empty()) {
    step_.tensors[index].bytes = layers::weight_format_named(format)->bytes(weights);
  }
  return index;
}

// Few rows are multiplied one by one.
Layer StepBuilder::dense(const Node& node, const Layer& sizes) const {
  if (sizes.m > layers::kMostVectors || options_.training) {
    Layer many = product("linear", sizes);
    const std::string format = format_of(node);
    if (format != layers::name_of(many.type)) many.weights = format;
    return many;
  }
  Layer layer = sizes;
  layer.op = layers::Operator::gemv;
  layer.name = "gemv";
  layer.type = options_.type;
  layer.weights = format_of(node);
  return layer;
}

Layer StepBuilder::product(std::string_view op, const Layer& sizes) const {
  const bool is_packed =
      !options_.weights.empty() && options_.weights != layers::name_of(products_);
  if (is_packed && options_.training) {
    throw UserError("weights in a format of their own are not trained: leave out --weights " +
                    options_.weights);
  }
  Layer layer = sizes;
  layer.name = op;
  layer.op = op == "linear" ? layers::Operator::linear : layers::Operator::bmm;
  // Narrow types are of products with weights; others are made in what the rest is stored in.
  const bool is_narrow = layers::bits_of(products_) < layers::bits_of(options_.type);
  layer.type = op == "bmm" && is_narrow ? options_.type : products_;
  return layer;
}

// Lines of the first times columns of the second; a sample has several such products.
Layer StepBuilder::matmul(const Node& node) const {
  Layer sizes;
  sizes.batch = options_.batch * node.shape[0];
  sizes.m = node.shape[1];
  sizes.n = node.shape[2];
  sizes.k = node.sizes.out;
  return product("bmm", sizes);
}

std::vector<std::size_t> StepBuilder::inputs_of(const Node& node) const {
  std::vector<std::size_t> tensors;
  for (const std::size_t input : node.inputs) tensors.push_back(nodes_[input].output);
  return tensors;
}

Layer StepBuilder::over_images(std::string_view op, const layers::ImageSizes& image) const {
  const std::string one = op.starts_with("conv")                      ? "n=1;c=1;h=1;r=1;k=1"
                          : op.find("pool") != std::string_view::npos ? "n=1;c=1;h=1;r=1"
                                                                      : "n=1;c=1;h=1";
  const layers::DataType type = op.starts_with("conv") ? products_ : options_.type;
  Layer layer = layers::parse_layer(op, one, layers::name_of(type));
  layer.image = image;
  return layer;
}

Layer StepBuilder::image_layer(std::string_view op, const Node& node) const {
  const Shape& shape = input_shape(node);
  const Sizes& sizes = node.sizes;
  const std::uint64_t groups = node.kind == Kind::convolution ? sizes.groups : 1;
  return over_images(op, {options_.batch, shape[0] / groups, shape[1], shape[2], sizes.out / groups,
                          sizes.kernel, sizes.kernel_width, sizes.stride, sizes.padding});
}

void StepBuilder::add_forward() {
  pass_ = Pass::forward;
  std::vector<std::size_t> readers(network_.nodes.size());
  for (const Node& node : network_.nodes) {
    for (const std::size_t input : node.inputs) ++readers[input];
  }
  for (std::size_t i = 0; i < network_.nodes.size(); ++i) {
    const Node& node = network_.nodes[i];
    const std::uint64_t elements = samples_of(node.shape);
    if (node.kind == Kind::input) {
      nodes_[i].output = tensor(node.name, Use::input, elements);
    } else if (node.kind == Kind::flatten || node.kind == Kind::first ||
               (node.kind == Kind::dropout && !options_.training)) {
      nodes_[i] = nodes_[node.inputs[0]];  // a view of the same
    } else {
      // Frameworks let a ReLU overwrite what nobody else reads: its gradient needs the result only.
      const bool overwrites = node.function == "relu" && readers[node.inputs[0]] == 1;
      nodes_[i].output = tensor(node.name, overwrites ? Use::view : Use::activation, elements);
      if (overwrites) step_.tensors[nodes_[i].output].overwrites = nodes_[node.inputs[0]].output;
      forward(node, nodes_[i]);
    }
  }
}

void StepBuilder::forward(const Node& node, NodeTensors& tensors) {
  switch (node.kind) {
    case Kind::convolution:
      return forward_convolution(node, tensors);
    case Kind::linear:
      return forward_linear(node, tensors);
    case Kind::batch_norm:
    case Kind::layer_norm:
    case Kind::rms_norm:
      return forward_norm(node, tensors);
    case Kind::attention:
      return forward_attention(node, tensors);
    case Kind::lstm:
      return forward_lstm(node, tensors);
    default:
      return forward_simple(node, tensors);
  }
}

// cuDNN's convolution knows no bias here: PyTorch adds it in a kernel of its own.
void StepBuilder::forward_convolution(const Node& node, NodeTensors& tensors) {
  const Sizes& sizes = node.sizes;
  tensors.weights =
      tensor(node.name + ".weight", Use::parameter, node.parameters - (sizes.bias ? sizes.out : 0));
  const Layer layer = image_layer("conv", node);
  const double products = static_cast<double>(layer.image.images * layer.image.out_pixels()) *
                          static_cast<double>(layer.image.channels * layer.image.taps()) *
                          static_cast<double>(sizes.out);
  launch(node, {"",
                layer,
                {input_of(node), *tensors.weights},
                {tensors.output},
                2 * products,
                sizes.groups});
  if (!sizes.bias) return;
  tensors.bias = tensor(node.name + ".bias", Use::parameter, sizes.out);
  const std::uint64_t elements = samples_of(node.shape);
  launch(node, {"bias",
                over("addu", elements),
                {tensors.output},
                {tensors.output},
                static_cast<double>(elements)});
}

void StepBuilder::forward_linear(const Node& node, NodeTensors& tensors) {
  const std::uint64_t features = input_shape(node).back();
  Layer sizes;
  sizes.m = rows_of(node.shape);
  sizes.n = node.sizes.out;
  sizes.k = features;
  if (node.sizes.tied) {
    const auto table = std::ranges::find(network_.nodes, Kind::embedding, &Node::kind);
    tensors.weights = nodes_[static_cast<std::size_t>(table - network_.nodes.begin())].weights;
  } else {
    tensors.weights = weight_tensor(node, node.sizes.out * features);
  }
  std::vector<std::size_t> reads{input_of(node), *tensors.weights};
  if (node.sizes.bias) {
    tensors.bias = tensor(node.name + ".bias", Use::parameter, node.sizes.out);
    reads.push_back(*tensors.bias);
  }
  const double products = static_cast<double>(sizes.m * sizes.n) * static_cast<double>(sizes.k);
  launch(node, {"", dense(node, sizes), reads, {tensors.output}, 2 * products});
}

// In training a batch norm takes its statistics from the batch; otherwise it is a scale and a shift
// of each channel.
void StepBuilder::forward_norm(const Node& node, NodeTensors& tensors) {
  tensors.weights = tensor(node.name + ".weight", Use::parameter, node.parameters);
  const std::uint64_t elements = samples_of(node.shape);
  Layer layer;
  if (node.kind == Kind::batch_norm) {
    layer = options_.training ? image_layer("batch_norm", node) : over("scale_shift", elements);
  } else {
    layer = node.kind == Kind::layer_norm
                ? over_rows(layers::Operator::layer_norm, "layer_norm", node.shape)
                : over_rows(layers::Operator::rms_norm, "rms_norm", node.shape);
  }
  constexpr double kPerElement = 8;
  launch(node, {"",
                layer,
                {input_of(node), *tensors.weights},
                {tensors.output},
                kPerElement * static_cast<double>(elements)});
}

// A place that looks back: keys and values of the places before are read once.
void StepBuilder::forward_decoding(const Node& node, NodeTensors& tensors) {
  const Sizes& sizes = node.sizes;
  const std::uint64_t cached = options_.batch * network_.context * key_features(network_, node);
  const std::size_t keys = tensor(node.name + ".keys", Use::cache, cached);
  const std::size_t values = tensor(node.name + ".values", Use::cache, cached);
  Layer layer;
  layer.op = layers::Operator::attention_decode;
  layer.name = "attention_decode";
  layer.type = options_.type;
  layer.batch = options_.batch * sizes.kv_heads;
  layer.m = sizes.heads / sizes.kv_heads;
  layer.n = network_.context;
  layer.k = node.shape[1] / sizes.heads;
  const double products =
      static_cast<double>(options_.batch * sizes.heads * layer.n) * static_cast<double>(layer.k);
  launch(node, {"", layer, {input_of(node), keys, values}, {tensors.output}, 4 * products});
}

void StepBuilder::forward_attention(const Node& node, NodeTensors& tensors) {
  const Sizes& sizes = node.sizes;
  const std::uint64_t places = node.shape[0];
  const bool has_few_queries = sizes.heads / sizes.kv_heads <= layers::kMostVectors;
  if (places == 1 && has_few_queries && !options_.training) return forward_decoding(node, tensors);
  KeysAndValues all{input_of(node, 1), input_of(node, 2)};
  if (network_.context > places) {
    const std::uint64_t cached = options_.batch * network_.context * key_features(network_, node);
    all.keys = tensor(node.name + ".keys", Use::cache, cached);
    all.values = tensor(node.name + ".values", Use::cache, cached);
  }
  if (is_fused(node)) return forward_fused(node, tensors, all);
  forward_eager(node, tensors, all);
}

// As cuDNN runs it: the gates' share of the inputs is one product for all places, that of the state
// one for each place, followed by the gates' functions.
void StepBuilder::forward_lstm(const Node& node, NodeTensors& tensors) {
  const std::uint64_t features = input_shape(node).back(), state = node.sizes.out;
  const std::uint64_t places = node.shape[0], gates = 4 * state;
  tensors.weights = tensor(node.name + ".weight_ih", Use::parameter, gates * (features + 1));
  tensors.bias = tensor(node.name + ".weight_hh", Use::parameter, gates * (state + 1));
  const std::size_t all =
      tensor(node.name + ".gates", Use::activation, options_.batch * places * gates);
  Layer inputs;
  inputs.m = options_.batch * places;
  inputs.n = gates;
  inputs.k = features;
  const double rows = static_cast<double>(inputs.m) * static_cast<double>(gates);
  launch(node, {"inputs",
                product("linear", inputs),
                {input_of(node), *tensors.weights},
                {all},
                2 * rows * static_cast<double>(features)});
  Layer states = inputs;
  states.m = options_.batch;
  states.k = state;
  launch(node, {"state",
                product("linear", states),
                {tensors.output, *tensors.bias},
                {all},
                2 * rows * static_cast<double>(state),
                places});
  launch(node, {"gates",
                over("lstm_cell", options_.batch * state),
                {all},
                {tensors.output},
                30 * rows / 4,
                places});
  tensors.extra = {all};
}

void StepBuilder::forward_simple(const Node& node, NodeTensors& tensors) {
  const std::uint64_t elements = samples_of(node.shape);
  const auto count = static_cast<double>(elements);
  const std::size_t input = input_of(node);
  switch (node.kind) {
    case Kind::max_pool:
      tensors.places = tensor(node.name + ".places", Use::activation,
                              elements * 8 / layers::bytes_of(options_.type));
      return launch(
          node, {"", image_layer("max_pool", node), {input}, {tensors.output, *tensors.places}, 0});
    case Kind::average_pool:
      return launch(node, {"", image_layer("avg_pool", node), {input}, {tensors.output}, count});
    case Kind::add:
    case Kind::multiply:
      return launch(node, {"",
                           over(node.kind == Kind::add ? "add" : "mul", elements),
                           {input, input_of(node, 1)},
                           {tensors.output},
                           count});
    case Kind::softmax: {
      const Layer layer = over_rows(layers::Operator::softmax, "softmax", node.shape);
      return launch(node, {"", layer, {input}, {tensors.output}, 5 * count});
    }
    case Kind::embedding:
      return forward_embedding(node, tensors);
    case Kind::dropout:
      return forward_dropout(node, tensors);
    case Kind::positions:
      tensors.weights = tensor(node.name + ".weight", Use::parameter, node.parameters);
      return launch(node, {"", over("addu", elements), {input}, {tensors.output}, count});
    case Kind::rotary:
      return launch(node, {"", over("rotary", elements), {input}, {tensors.output}, 3 * count});
    case Kind::copy:
      return launch(node, {"", over("copy", elements), inputs_of(node), {tensors.output}, 0});
    case Kind::matmul:
      return launch(node, {"",
                           matmul(node),
                           inputs_of(node),
                           {tensors.output},
                           2 * count * static_cast<double>(node.sizes.out)});
    default:
      return launch(node,
                    {"", over(node.function, elements), inputs_of(node), {tensors.output}, count});
  }
}

}  // namespace strobe::networks
