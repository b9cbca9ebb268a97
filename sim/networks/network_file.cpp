#include "sim/networks/network_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "sim/base/error.h"
#include "sim/device/catalogue.h"
#include "sim/device/nearest_name.h"
#include "sim/device/toml_reader.h"
#include "sim/networks/node_types.h"
#include "sim/networks/onnx_network.h"

namespace strobe::networks {
namespace {

using device::TomlNode;

// What a name stands for in the layers that are being added: the nodes of the block so far, and the
// values of its arguments.
struct Scope {
  std::string prefix;
  std::map<std::string, std::size_t> nodes;
  std::map<std::string, std::int64_t> arguments;
  std::size_t last = 0;
};

std::string text_in(const TomlNode& table, std::string_view key) {
  const TomlNode* value = table.find(key);
  if (value == nullptr) return {};
  if (value->kind != TomlNode::Kind::text) {
    throw UserError(value->place, "'" + value->path + "' must be a text");
  }
  return value->text;
}

std::uint64_t count_in(const TomlNode& value, const Scope& scope) {
  std::int64_t count = value.integer;
  if (value.kind == TomlNode::Kind::text) {
    const auto argument = scope.arguments.find(value.text);
    if (argument == scope.arguments.end()) {
      throw UserError(value.place, "'" + value.text + "' is no argument of this block");
    }
    count = argument->second;
  } else if (value.kind != TomlNode::Kind::integer) {
    throw UserError(value.place, "'" + value.path + "' must be a whole number or an argument");
  }
  constexpr std::int64_t kMost = std::int64_t{1} << 40;
  if (count < 0 || count > kMost) {
    throw UserError(value.place, "'" + value.path + "' must be from 0 to 2^40");
  }
  return static_cast<std::uint64_t>(count);
}

class Builder {
 public:
  Builder(const TomlNode& root, const SequenceSizes& sizes) : root_(root) {
    read_head(sizes);
    Scope scope;
    scope.nodes["input"] = 0;
    add_layers(root, scope, 0);
    if (network_.nodes.size() == 1) throw UserError(root.place, "a network needs a [[layer]]");
    for (const TomlNode& child : root.children) {
      if (child.key != "network" && child.key != "layer" && child.key != "block") {
        throw UserError(child.place, "unknown key '" + child.path + "'");
      }
    }
  }

  Network take() { return std::move(network_); }

 private:
  void read_head(const SequenceSizes& sizes) {
    const TomlNode* head = root_.find("network");
    if (head == nullptr) throw UserError(root_.place, "a network needs a table [network]");
    network_.title = text_in(*head, "title");
    network_.file = root_.place.file;
    Node input;
    input.name = "input";
    input.place = head->place;
    for (const TomlNode& child : head->children) {
      if (child.key == "title") continue;
      if (child.key == "input") {
        for (const TomlNode& size : child.children) input.shape.push_back(count_in(size, {}));
      } else if (child.key == "tokens") {
        network_.tokens = count_in(child, {});
      } else if (child.key == "samples") {
        network_.samples = count_in(child, {});
      } else if (child.key == "parameters") {
        network_.parameters = count_in(child, {});
      } else {
        throw UserError(child.place, "unknown key '" + child.path +
                                         "'; known are title, input, tokens, samples, parameters");
      }
    }
    if (network_.tokens == 0 && (sizes.tokens > 0 || sizes.context > 0)) {
      throw UserError(head->place, "has no sequences, so that there is no context");
    }
    if (sizes.tokens > 0) network_.tokens = sizes.tokens;
    network_.context = sizes.context > 0 ? sizes.context : network_.tokens;
    if (network_.tokens > 0) input.shape.insert(input.shape.begin(), network_.tokens);
    if (input.shape.empty()) throw UserError(head->place, "[network] needs input or tokens");
    network_.nodes.push_back(input);
  }

  void add_layers(const TomlNode& table, Scope& scope, int depth) {
    const TomlNode* layers = table.find("layer");
    if (layers == nullptr) return;
    for (const TomlNode& layer : layers->children) {
      text_in(layer, "block").empty() ? add_layer(layer, scope) : add_block(layer, scope, depth);
    }
  }

  // Every key but those that say which block, how often and from what is an argument.
  void add_block(const TomlNode& use, Scope& outer, int depth) {
    constexpr int kDeepest = 8;
    if (depth == kDeepest) throw UserError(use.place, "blocks use each other without end");
    const std::string name = text_in(use, "block");
    const TomlNode* blocks = root_.find("block");
    const TomlNode* block = blocks == nullptr ? nullptr : blocks->find(name);
    if (block == nullptr) throw UserError(use.place, "no block is called '" + name + "'");
    const TomlNode* times = use.find("repeat");
    const std::uint64_t repeat = times == nullptr ? 1 : count_in(*times, outer);
    const std::string instance = name_of(use, outer, name);
    for (std::uint64_t i = 0; i < repeat; ++i) {
      Scope inner;
      inner.prefix = outer.prefix + instance + (repeat > 1 ? "." + std::to_string(i) : "") + ".";
      for (const TomlNode& child : use.children) {
        if (child.kind == TomlNode::Kind::list || child.key == "repeat" || child.key == "name" ||
            child.key == "block") {
          continue;
        }
        inner.arguments[child.key] = static_cast<std::int64_t>(count_in(child, outer));
      }
      inner.last = i == 0 ? inputs_of(use, outer, 1)[0] : outer.last;
      inner.nodes["input"] = inner.last;
      add_layers(*block, inner, depth + 1);
      outer.last = inner.last;
    }
    outer.nodes[instance] = outer.last;
  }

  void add_layer(const TomlNode& layer, Scope& scope) {
    const std::string op = text_in(layer, "op");
    const NodeType* type = node_type_named(op);
    if (type == nullptr) {
      throw UserError(layer.place, "no layer is called '" + op + "'" +
                                       device::did_you_mean(op, node_type_names()));
    }
    Node node;
    node.kind = type->kind;
    if (type->kind == Kind::activation) node.function = op;
    node.place = layer.place;
    node.inputs = inputs_of(layer, scope, type->inputs);
    for (const TomlNode& child : layer.children) {
      if (child.key != "op" && child.key != "name" && child.key != "inputs") {
        read_size(*type, child, scope, node.sizes);
      }
    }
    complete(*type, node);
    const std::string own = name_of(layer, scope, op);
    node.name = scope.prefix + own;
    scope.last = network_.nodes.size();
    scope.nodes[own] = scope.last;
    network_.nodes.push_back(std::move(node));
  }

  // Its own, or what it is with a number behind it that no one has yet.
  static std::string name_of(const TomlNode& layer, const Scope& scope, const std::string& what) {
    const std::string own = text_in(layer, "name");
    if (!own.empty()) {
      if (scope.nodes.contains(own)) throw UserError(layer.place, "there are two '" + own + "'");
      return own;
    }
    for (std::size_t i = 1;; ++i) {
      const std::string name = what + std::to_string(i);
      if (!scope.nodes.contains(name)) return name;
    }
  }

  static std::vector<std::size_t> inputs_of(const TomlNode& layer, const Scope& scope,
                                            std::size_t expected) {
    const TomlNode* list = layer.find("inputs");
    std::vector<std::size_t> inputs;
    if (list == nullptr) {
      inputs.push_back(scope.last);
    } else {
      for (const TomlNode& name : list->children) {
        const auto found = scope.nodes.find(name.text);
        if (found == scope.nodes.end()) {
          throw UserError(name.place, "no layer before this one is called '" + name.text + "'");
        }
        inputs.push_back(found->second);
      }
    }
    if (inputs.size() != expected) {
      throw UserError(layer.place, fmt::format("needs {} inputs, not {}", expected, inputs.size()));
    }
    return inputs;
  }

  static void read_size(const NodeType& type, const TomlNode& value, const Scope& scope,
                        Sizes& sizes) {
    const SizeKey* key = size_key_named(type, value.key);
    if (key == nullptr) {
      throw UserError(value.place, fmt::format("unknown key '{}'; {} has {}", value.key, type.name,
                                               keys_text(type)));
    }
    if (key->flag != nullptr) {
      if (value.kind != TomlNode::Kind::flag) {
        throw UserError(value.place, "'" + value.key + "' must be true or false");
      }
      sizes.*(key->flag) = value.flag;
    } else {
      sizes.*(key->count) = count_in(value, scope);
    }
  }

  const TomlNode& root_;
  Network network_;
};

Network network_of(const TomlNode& root, const SequenceSizes& sizes) {
  Network network = Builder(root, sizes).take();
  infer_shapes(network);
  const std::uint64_t counted = network.counted_parameters();
  if (network.parameters != 0 && counted != network.parameters) {
    throw UserError(
        root.find("network")->place,
        fmt::format("the layers have {} parameters, not {}", counted, network.parameters));
  }
  return network;
}

}  // namespace

Network read_network(const std::string& name, const SequenceSizes& sizes) {
  if (is_onnx_file(name)) return read_onnx_network(name, sizes);
  const std::string file = device::find_network(name);
  Network network = network_of(device::read_toml(file), sizes);
  network.name = std::filesystem::path(file).stem().string();
  return network;
}

Network parse_network(std::string_view text, const std::string& file, const SequenceSizes& sizes) {
  return network_of(device::parse_toml(text, file), sizes);
}

}  // namespace strobe::networks
