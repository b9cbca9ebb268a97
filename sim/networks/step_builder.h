#pragma once

// Puts a step together, operation by operation.

#include <map>
#include <optional>
#include <utility>

#include "sim/networks/step.h"

namespace strobe::networks {

// The operation that is being added; the builder keeps it.
struct Launch {
  std::string what;  // beside the node's name; empty for the node's own
  layers::Layer layer;
  std::vector<std::size_t> reads, writes;
  double operations = 0;
  std::uint64_t times = 1;
};

class StepBuilder {
 public:
  StepBuilder(const Network& network, const StepOptions& options);

  Step take() { return std::move(step_); }
  void add_forward();
  void add_loss();
  void add_backward();
  void add_update();

 private:
  struct NodeTensors {
    std::size_t output = 0;
    std::optional<std::size_t> weights, bias, places;  // where it has them
    std::optional<std::size_t> gradient;               // of the output, once there is one
    std::vector<std::size_t> extra;                    // what its gradient needs besides
  };

  // Of attention: the tensors that its queries are held against.
  struct KeysAndValues {
    std::size_t keys, values;
  };

  std::size_t tensor(const std::string& name, Tensor::Use use, std::uint64_t elements);
  std::size_t dropout_mask(const Node& node, std::uint64_t elements);
  std::string format_of(const Node& node) const;
  std::size_t weight_tensor(const Node& node, std::uint64_t weights);
  void launch(const Node& node, Launch launch);
  layers::Layer over(std::string_view op, std::uint64_t elements) const;
  layers::Layer over_rows(layers::Operator op, std::string_view name, const Shape& shape) const;
  layers::Layer rows_of_table(layers::Operator op, const Node& node) const;
  layers::Layer product(std::string_view op, const layers::Layer& sizes) const;
  layers::Layer dense(const Node& node, const layers::Layer& sizes) const;
  layers::Layer over_images(std::string_view op, const layers::ImageSizes& image) const;
  layers::Layer image_layer(std::string_view op, const Node& node) const;
  layers::Layer dense_as_image(std::string_view op, const Node& node) const;
  std::uint64_t samples_of(const Shape& shape) const { return options_.batch * elements_of(shape); }
  std::uint64_t rows_of(const Shape& shape) const { return samples_of(shape) / shape.back(); }
  const Shape& input_shape(const Node& node) const { return network_.nodes[node.inputs[0]].shape; }
  std::size_t input_of(const Node& node, std::size_t i = 0) const {
    return nodes_[node.inputs[i]].output;
  }

  layers::Layer matmul(const Node& node) const;
  bool is_fused(const Node& node) const;
  layers::Layer fused_layer(std::string_view op, const Node& node) const;
  layers::Layer scores_of(const Node& node) const;
  std::size_t heads_moved(const Node& node, const std::string& what, std::size_t from,
                          std::uint64_t elements);
  std::vector<std::size_t> inputs_of(const Node& node) const;

  void forward(const Node& node, NodeTensors& tensors);
  void forward_convolution(const Node& node, NodeTensors& tensors);
  void forward_linear(const Node& node, NodeTensors& tensors);
  void forward_norm(const Node& node, NodeTensors& tensors);
  void forward_attention(const Node& node, NodeTensors& tensors);
  void forward_decoding(const Node& node, NodeTensors& tensors);
  void forward_fused(const Node& node, NodeTensors& tensors, const KeysAndValues& all);
  void forward_eager(const Node& node, NodeTensors& tensors, const KeysAndValues& all);
  void forward_lstm(const Node& node, NodeTensors& tensors);
  void forward_embedding(const Node& node, NodeTensors& tensors);
  void forward_dropout(const Node& node, NodeTensors& tensors);
  void forward_simple(const Node& node, NodeTensors& tensors);

  bool wants_gradient(std::size_t node) const { return network_.nodes[node].kind != Kind::input; }
  std::size_t gradient_of_input(const Node& node, std::size_t i = 0);
  void give_gradient(const Node& node, std::size_t i, std::size_t gradient);
  std::size_t weight_gradient(std::size_t parameter);
  void backward(const Node& node, const NodeTensors& tensors);
  void backward_convolution(const Node& node, const NodeTensors& tensors);
  void backward_linear(const Node& node, const NodeTensors& tensors);
  void backward_norm(const Node& node, const NodeTensors& tensors);
  void backward_fused(const Node& node, const NodeTensors& tensors);
  void backward_eager(const Node& node, const NodeTensors& tensors);
  void backward_lstm(const Node& node, const NodeTensors& tensors);
  void backward_dropout(const Node& node, const NodeTensors& tensors);
  void backward_simple(const Node& node, const NodeTensors& tensors);
  void backward_activation(const Node& node, const NodeTensors& tensors);
  void backward_copy(const Node& node, std::size_t output);
  void backward_matmul(const Node& node, std::size_t output);
  void backward_bias(const Node& node, const NodeTensors& tensors);

  // A tensor of parameters as a framework has it, and the gradient of it that is kept.
  struct Trained {
    std::string name;
    std::size_t parameter = 0, gradient = 0;
    std::uint64_t elements = 0;
  };

  // Of a node's parameters: all, or the first or second of two tensors.
  enum class Part : std::uint8_t { whole, first, second };
  using PartOf = std::pair<std::size_t, Part>;

  layers::Layer over_updated(std::string_view op, std::uint64_t elements) const;
  std::size_t updated_tensor(const std::string& name, Tensor::Use use, std::uint64_t elements);
  bool has_master_parameters() const;
  void update_all();
  void keep_gradients(const Node& node, const NodeTensors& tensors);
  void keep_gradient(const Node& node, PartOf part, std::uint64_t elements);
  void update_by_tensor();
  std::size_t scratch(std::size_t slot, std::uint64_t elements);
  void update_tensor(const Trained& trained);

  const Network& network_;
  StepOptions options_;        // `type` is what tensors are stored in
  layers::DataType products_;  // what products with weights are made in
  Step step_;
  Pass pass_ = Pass::forward;
  std::vector<NodeTensors> nodes_;
  std::map<std::size_t, std::size_t> gradients_;  // of parameters
  std::map<PartOf, Trained> trained_;             // where they are updated one by one
  std::map<std::pair<std::size_t, std::uint64_t>, std::size_t> scratch_;
};

}  // namespace strobe::networks
