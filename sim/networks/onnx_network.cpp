#include "sim/networks/onnx_network.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "sim/base/error.h"
#include "sim/networks/onnx_fusion.h"
#include "sim/networks/onnx_operators.h"

namespace strobe::networks {
namespace {

std::optional<layers::DataType> layer_type(onnx::ElementType type) {
  switch (type) {
    case onnx::ElementType::float32:
      return layers::DataType::fp32;
    case onnx::ElementType::float16:
      return layers::DataType::fp16;
    case onnx::ElementType::bfloat16:
      return layers::DataType::bf16;
    default:
      return std::nullopt;
  }
}

class OnnxBuilder {
 public:
  OnnxBuilder(const onnx::Model& model, const SequenceSizes& sizes) : model_(model), sizes_(sizes) {
    network_.file = model.file;
    network_.name = std::filesystem::path(model.file).stem().string();
    network_.title = model.graph_name.empty() ? network_.name : model.graph_name;
    for (const onnx::Tensor& weights : model.weights) add_weights(weights, weights.name);
    for (const onnx::Input& input : model.inputs) {
      if (!values_.contains(input.name)) add_input(input);
    }
    if (network_.nodes.empty()) refuse("nothing goes in");
    count_readers();
    for (const onnx::Node& node : model.nodes) add(node);
    require_all_known();
    require_layers();
  }

  Network take() { return std::move(network_); }

 private:
  [[noreturn]] void refuse(const std::string& why) const { throw UserError({model_.file}, why); }

  // What an operator finds wrong is said of the file.
  template <class Make>
  auto in_file(const Make& make) const {
    try {
      return make();
    } catch (const UserError& error) {
      refuse(error.what());
    }
  }

  void add_weights(const onnx::Tensor& tensor, const std::string& name) {
    Value value;
    value.weights = name;
    for (const std::int64_t size : tensor.sizes) {
      if (size < 0 || size > kMostCount) refuse("weights '" + name + "' have an impossible shape");
      value.shape.push_back({size});
    }
    if (tensor.has_integers) {
      value.numbers.emplace();
      for (const std::int64_t number : tensor.integers) value.numbers->push_back({bounded(number)});
    }
    if (!network_.type) network_.type = layer_type(tensor.type);
    values_[name] = value;
  }

  // The first size of the first input is the batch, and so is whatever has its name, or its size
  // in front.
  Extent size_in(const onnx::Input& input, std::size_t i) {
    const onnx::Size& size = input.sizes[i];
    if (i == 0 && network_.nodes.empty()) {
      batch_name_ = size.name;
      file_batch_ = std::min(size.count, kMostCount);
    }
    const bool is_batch = size.count > 0
                              ? i == 0 && size.count == file_batch_
                              : i == 0 || (!size.name.empty() && size.name == batch_name_);
    if (is_batch) return {1, true};
    if (size.count > 0) return {std::min(size.count, kMostCount)};
    const bool is_tokens = sizes_.tokens > 0 && (open_name_.empty() || open_name_ == size.name);
    if (!is_tokens) {
      refuse(
          fmt::format("size {} of input '{}' is open{}; only the batch may be, and one more "
                      "that --tokens gives",
                      i + 1, input.name, size.name.empty() ? "" : " ('" + size.name + "')"));
    }
    open_name_ = size.name;
    network_.tokens = sizes_.tokens;
    return {static_cast<std::int64_t>(std::min<std::uint64_t>(sizes_.tokens, kMostCount))};
  }

  void add_input(const onnx::Input& input) {
    if (!input.is_tensor || input.sizes.empty()) {
      refuse("input '" + input.name + "' is no tensor with a batch");
    }
    Value value;
    for (std::size_t i = 0; i < input.sizes.size(); ++i) value.shape.push_back(size_in(input, i));
    if (!network_.type) network_.type = layer_type(input.type);
    const onnx::Node call{input.name, "Input", {}, {}, {input.name}, {}};
    Node node;
    node.name = input.name;
    node.kind = Kind::input;
    node.place = {model_.file};
    node.shape = in_file([&] { return sample_of({call, {}}, value.shape); });
    value.node = network_.nodes.size();
    network_.nodes.push_back(node);
    values_[input.name] = value;
  }

  void count_readers() {
    for (const onnx::Node& node : model_.nodes) {
      for (const std::string& input : node.inputs) ++readers_[input];
    }
    for (const std::string& output : model_.outputs) ++readers_[output];
  }

  OnnxCall call_of(const onnx::Node& node) const {
    OnnxCall call{node, {}, model_.opset, file_batch_};
    for (const std::string& input : node.inputs) {
      const auto found = values_.find(input);
      if (!input.empty() && found == values_.end()) {
        refuse(node.op + " " + node.name + ": no operator before it gives '" + input + "'");
      }
      call.inputs.push_back(input.empty() ? nullptr : &found->second);
    }
    return call;
  }

  void add(const onnx::Node& node) {
    if (node.op == "Constant") return add_constant(node);
    const OnnxCall call = call_of(node);
    const bool is_known = std::ranges::all_of(
        call.inputs, [](const Value* value) { return value == nullptr || value->is_known; });
    const OnnxOperator op = node.domain.empty() ? operator_named(node.op) : nullptr;
    if (op == nullptr) unknown_[node.op].push_back(node.name);
    std::vector<Result> results;
    if (op != nullptr && is_known) results = in_file([&] { return op(call); });
    // Of masks, statistics and the like there is nothing to be known.
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      if (node.outputs[i].empty()) continue;
      Value value;
      value.is_known = i < results.size();
      if (value.is_known) value = value_of(call, results[i]);
      values_[node.outputs[i]] = value;
    }
  }

  void add_constant(const onnx::Node& node) {
    if (node.outputs.empty()) return;
    onnx::Tensor tensor;
    if (const onnx::Attribute* const given = node.attribute("value")) tensor = given->tensor;
    for (const char* const name : {"value_int", "value_ints"}) {
      const onnx::Attribute* const given = node.attribute(name);
      if (given == nullptr) continue;
      tensor.integers = given->integers;
      if (name == std::string_view("value_int")) {
        tensor.integers = {given->integer};
      } else {
        tensor.sizes = {static_cast<std::int64_t>(given->integers.size())};
      }
      tensor.has_integers = true;
    }
    add_weights(tensor, node.outputs[0]);
  }

  Value value_of(const OnnxCall& call, const Result& result) {
    for (const Extent& size : result.shape) {
      if (size.count >= 0 && size.count <= kMostCount) continue;
      refuse(call.node.op + " " + call.node.name + ": a size is negative or too large");
    }
    Value value;
    value.shape = result.shape;
    value.numbers = result.numbers;
    if (call.has(0) && !result.numbers) {
      value.node = call.inputs[0]->node;
      value.weights = call.inputs[0]->weights;
    }
    if (result.layer) {
      value.node = merged_bias(call, *result.layer);
      if (!value.node) value.node = push(call, result);
    } else if (value.node && result.shape != call.inputs[0]->shape) {
      value.node = push_view(call, result);
    }
    if (value.node) value.weights.clear();
    return value;
  }

  // A product and the addition of its bias are one layer.
  std::optional<std::size_t> merged_bias(const OnnxCall& call, const Node& layer) {
    if (layer.kind != Kind::positions) return std::nullopt;
    const std::size_t from = call.inputs[0]->node ? 0 : 1;
    Node& product = network_.nodes[*call.inputs[from]->node];
    const auto readers = readers_.find(call.node.inputs[from]);
    if (product.kind != Kind::linear || product.sizes.bias || readers->second != 1 ||
        layer.parameters != product.sizes.out || layer.shape != product.shape) {
      return std::nullopt;
    }
    product.sizes.bias = true;
    product.parameters += layer.parameters;
    return call.inputs[from]->node;
  }

  std::size_t push(const OnnxCall& call, const Result& result) {
    std::vector<std::size_t> inputs;
    for (const Value* const value : call.inputs) {
      if (value != nullptr && value->node) inputs.push_back(*value->node);
    }
    if (result.first) inputs = {push_node(call, *result.first, inputs, " padding")};
    Node layer = *result.layer;
    if (layer.kind == Kind::embedding) tables_.insert(call.inputs[0]->weights);
    if (layer.kind == Kind::linear && tables_.contains(call.inputs[1]->weights)) {
      layer.sizes.tied = true;
      layer.parameters = layer.sizes.bias ? layer.sizes.out : 0;
    }
    return push_node(call, layer, inputs, "");
  }

  std::size_t push_view(const OnnxCall& call, const Result& result) {
    Result view = result;
    view.layer = in_file([&] { return layer_of(call, Kind::flatten, result.shape).layer; });
    return push(call, view);
  }

  std::size_t push_node(const OnnxCall& call, Node node, const std::vector<std::size_t>& inputs,
                        const char* what) {
    node.name = call.node.name + what;
    node.place = {model_.file};
    node.inputs = inputs;
    // A smaller one that is spread over the others stays in the caches.
    if (node.kind == Kind::activation || node.kind == Kind::positions) {
      const auto whole = std::ranges::find_if(
          inputs, [&](std::size_t i) { return network_.nodes[i].shape == node.shape; });
      const bool are_alike = std::ranges::all_of(
          inputs, [&](std::size_t i) { return network_.nodes[i].shape == node.shape; });
      if (!are_alike) node.inputs = {whole == inputs.end() ? inputs.front() : *whole};
    }
    network_.nodes.push_back(std::move(node));
    return network_.nodes.size() - 1;
  }

  void require_all_known() const {
    if (unknown_.empty()) return;
    std::string text;
    for (const auto& [op, names] : unknown_) {
      constexpr std::size_t kShown = 3;
      const std::vector<std::string> shown(
          names.begin(),
          names.begin() + static_cast<std::ptrdiff_t>(std::min(kShown, names.size())));
      text += fmt::format(
          "\n  {} in {}{}", op, fmt::join(shown, ", "),
          names.size() > kShown ? fmt::format(" and {} more", names.size() - kShown) : "");
    }
    refuse(fmt::format("{} of its operators {} not supported:{}", unknown_.size(),
                       unknown_.size() == 1 ? "is" : "are", text));
  }

  void require_layers() const {
    const bool computes = std::ranges::any_of(network_.nodes, [](const Node& node) {
      return node.kind != Kind::input && node.kind != Kind::flatten;
    });
    if (!computes) refuse("nothing is computed from what goes in");
  }

  const onnx::Model& model_;
  const SequenceSizes& sizes_;
  Network network_;
  std::string batch_name_, open_name_;
  std::int64_t file_batch_ = 0;
  std::map<std::string, Value> values_;
  std::map<std::string, std::size_t> readers_;
  std::map<std::string, std::vector<std::string>> unknown_;
  std::set<std::string> tables_;  // of embeddings
};

}  // namespace

OnnxOperator operator_named(std::string_view op) {
  for (const auto family : {arithmetic_operator, product_operator, shape_operator}) {
    if (const OnnxOperator found = family(op)) return found;
  }
  return nullptr;
}

Result layer_of(const OnnxCall& call, Kind kind, const Extents& shape) {
  Node node;
  node.kind = kind;
  node.shape = sample_of(call, shape);
  return {shape, node, {}, {}};
}

bool is_onnx_file(const std::string& name) {
  return name.ends_with(".onnx");
}

Network read_onnx_network(const std::string& path, const SequenceSizes& sizes) {
  onnx::Model model = onnx::read_model(path);
  fuse_layers(model);
  Network network = OnnxBuilder(model, sizes).take();
  if (network.tokens == 0 && (sizes.tokens > 0 || sizes.context > 0)) {
    throw UserError({path}, "has no open size beside the batch that --tokens could give");
  }
  return network;
}

}  // namespace strobe::networks
