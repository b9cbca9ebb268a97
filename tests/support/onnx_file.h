#pragma once

// ONNX files, written byte by byte as the protobuf encoding and the field numbers of onnx.proto
// say, so that the reader is not tested against itself. Weights have shapes but no values: those
// are elsewhere ("external data").

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace strobe::test {

struct OnnxAttribute {
  std::string name;
  std::vector<std::int64_t> integers;
  bool is_list = true;
  std::string text;
};

inline OnnxAttribute ints(const std::string& name, const std::vector<std::int64_t>& integers) {
  return {name, integers, true, {}};
}
inline OnnxAttribute integer(const std::string& name, std::int64_t value) {
  return {name, {value}, false, {}};
}
inline OnnxAttribute text(const std::string& name, const std::string& value) {
  return {name, {}, false, value};
}

// A size of an input: a number, or a name.
struct OnnxSize {
  OnnxSize(std::int64_t number) : count(number) {}      // NOLINT: a list of either
  OnnxSize(const char* open) : count(0), name(open) {}  // NOLINT
  std::int64_t count;
  std::string name;
};

class OnnxFile {
 public:
  static constexpr std::int64_t kFloat = 1, kInt64 = 7, kHalf = 10;

  explicit OnnxFile(std::int64_t opset = 17) : opset_(opset) {}

  OnnxFile& input(const std::string& name, const std::vector<OnnxSize>& sizes,
                  std::int64_t type = kFloat) {
    std::string shape;
    for (const OnnxSize& size : sizes) {
      shape += message(1, size.name.empty() ? number(1, size.count) : message(2, size.name));
    }
    const std::string tensor = number(1, type) + message(2, shape);
    graph_ += message(11, message(1, name) + message(2, message(1, tensor)));
    return *this;
  }

  OnnxFile& weights(const std::string& name, const std::vector<std::int64_t>& sizes,
                    std::int64_t type = kFloat) {
    constexpr std::int64_t kExternal = 1;
    graph_ += message(5, sizes_of(sizes) + number(2, type) + message(8, name) +
                             message(13, message(1, "location") + message(2, "weights.bin")) +
                             number(14, kExternal));
    return *this;
  }

  OnnxFile& numbers(const std::string& name, const std::vector<std::int64_t>& values) {
    std::string packed;
    for (const std::int64_t value : values) packed += varint(static_cast<std::uint64_t>(value));
    graph_ += message(5, number(1, static_cast<std::int64_t>(values.size())) + number(2, kInt64) +
                             message(7, packed) + message(8, name));
    return *this;
  }

  OnnxFile& node(const std::string& op, const std::vector<std::string>& inputs,
                 const std::vector<std::string>& outputs,
                 const std::vector<OnnxAttribute>& attributes = {}) {
    std::string content;
    for (const std::string& name : inputs) content += message(1, name);
    for (const std::string& name : outputs) content += message(2, name);
    content += message(4, op);
    for (const OnnxAttribute& attribute : attributes) {
      std::string value = message(1, attribute.name);
      for (const std::int64_t each : attribute.integers) {
        value += number(attribute.is_list ? 8 : 3, each);
      }
      if (!attribute.text.empty()) value += message(4, attribute.text);
      content += message(5, value);
    }
    graph_ += message(1, content);
    last_ = outputs.front();
    return *this;
  }

  // The last node's output is the model's.
  std::string bytes() const {
    return number(1, 8) + message(7, graph_ + message(12, message(1, last_))) +
           message(8, number(2, opset_));
  }

 private:
  static std::string varint(std::uint64_t value) {
    std::string bytes;
    for (; value >= 0x80; value >>= 7) bytes += static_cast<char>((value & 0x7F) | 0x80);
    return bytes + static_cast<char>(value);
  }
  static std::string number(std::uint64_t field, std::int64_t value) {
    return varint(field << 3) + varint(static_cast<std::uint64_t>(value));
  }
  static std::string message(std::uint64_t field, const std::string& content) {
    return varint(field << 3 | 2) + varint(content.size()) + content;
  }
  static std::string sizes_of(const std::vector<std::int64_t>& sizes) {
    std::string content;
    for (const std::int64_t size : sizes) content += number(1, size);
    return content;
  }

  std::int64_t opset_;
  std::string graph_, last_;
};

// The network of configs/networks/cifar-cnn-1.toml as PyTorch exports it.
inline OnnxFile cifar_cnn_1(const OnnxSize& batch) {
  OnnxFile file;
  file.input("x", {batch, 3, 32, 32});
  std::string at = "x";
  std::int64_t channels = 3;
  for (const std::int64_t filters : {32, 64, 64}) {
    const std::string layer = "c" + std::to_string(channels) + "_" + std::to_string(filters);
    file.weights(layer + ".w", {filters, channels, 3, 3}).weights(layer + ".b", {filters});
    file.node("Conv", {at, layer + ".w", layer + ".b"}, {layer},
              {ints("kernel_shape", {3, 3}), ints("pads", {0, 0, 0, 0}), ints("strides", {1, 1})});
    at = layer + ".relu";
    file.node("Relu", {layer}, {at});
    if (layer != "c64_64") {
      file.node("MaxPool", {at}, {layer + ".pool"},
                {ints("kernel_shape", {2, 2}), ints("strides", {2, 2})});
      at = layer + ".pool";
    }
    channels = filters;
  }
  file.node("Flatten", {at}, {"flat"});
  file.weights("d1.w", {64, 1024}).weights("d1.b", {64});
  file.node("Gemm", {"flat", "d1.w", "d1.b"}, {"d1"}, {integer("transB", 1)});
  file.node("Relu", {"d1"}, {"d1.relu"});
  file.weights("d2.w", {10, 64}).weights("d2.b", {10});
  return file.node("Gemm", {"d1.relu", "d2.w", "d2.b"}, {"d2"}, {integer("transB", 1)});
}

// A layer of a transformer over `places` tokens with the norms and the activation taken apart, as
// PyTorch exported them before opset 17: 2 heads of 16.
inline OnnxFile transformer_layer(const OnnxSize& batch, const OnnxSize& places) {
  OnnxFile file(13);
  file.input("ids", {batch, places}, OnnxFile::kInt64);
  file.weights("table", {100, 32}).weights("one", {}).weights("g", {32}).weights("b", {32});
  for (const char* const name : {"q", "k", "v", "o"}) {
    file.weights(std::string(name) + ".w", {32, 32}).weights(std::string(name) + ".b", {32});
  }
  file.weights("up.w", {32, 128}).weights("up.b", {128}).weights("down.w", {128, 32});
  file.node("Gather", {"table", "ids"}, {"x"});
  file.numbers("heads", {2}).numbers("head", {16}).numbers("all", {-1}).numbers("i0", {0});
  file.numbers("i1", {1});
  // The sizes that the heads' shape is made of are taken from the tensor's, as exporters do it.
  file.node("Shape", {"x"}, {"size"}).node("Gather", {"size", "i0"}, {"n"});
  file.node("Gather", {"size", "i1"}, {"s"});
  file.node("Concat", {"n", "s", "heads", "head"}, {"split"}, {integer("axis", 0)});
  for (const std::string name : {"q", "k", "v"}) {
    file.node("MatMul", {"x", name + ".w"}, {name + ".m"});
    file.node("Add", {name + ".b", name + ".m"}, {name + ".a"});
    file.node("Reshape", {name + ".a", "split"}, {name + ".r"});
    file.node("Transpose", {name + ".r"}, {name + ".t"},
              {ints("perm", name == "k" ? std::vector<std::int64_t>{0, 2, 3, 1}
                                        : std::vector<std::int64_t>{0, 2, 1, 3})});
  }
  file.node("MatMul", {"q.t", "k.t"}, {"scores"}).node("Div", {"scores", "one"}, {"scaled"});
  file.node("Softmax", {"scaled"}, {"p"}, {integer("axis", -1)})
      .node("MatMul", {"p", "v.t"}, {"y"});
  file.node("Transpose", {"y"}, {"y.t"}, {ints("perm", {0, 2, 1, 3})});
  file.node("Concat", {"n", "s", "all"}, {"joined"}, {integer("axis", 0)});
  file.node("Reshape", {"y.t", "joined"}, {"y.r"}).node("MatMul", {"y.r", "o.w"}, {"o.m"});
  file.node("Add", {"o.m", "o.b"}, {"o.a"}).node("Add", {"o.a", "x"}, {"sum"});
  file.node("ReduceMean", {"sum"}, {"mean"}, {ints("axes", {-1})});
  file.node("Sub", {"sum", "mean"}, {"dev"}).node("Pow", {"dev", "one"}, {"sq"});
  file.node("ReduceMean", {"sq"}, {"var"}, {ints("axes", {-1})})
      .node("Add", {"var", "one"}, {"v1"});
  file.node("Sqrt", {"v1"}, {"root"}).node("Div", {"dev", "root"}, {"quotient"});
  file.node("Mul", {"quotient", "g"}, {"scaled.n"}).node("Add", {"scaled.n", "b"}, {"norm"});
  file.node("MatMul", {"norm", "up.w"}, {"up.m"}).node("Add", {"up.m", "up.b"}, {"up"});
  file.node("Div", {"up", "one"}, {"d"})
      .node("Erf", {"d"}, {"e"})
      .node("Add", {"e", "one"}, {"e1"});
  file.node("Mul", {"up", "e1"}, {"e2"}).node("Mul", {"e2", "one"}, {"gelu"});
  file.node("MatMul", {"gelu", "down.w"}, {"down"}).node("Add", {"down", "norm"}, {"z"});
  return file.node("Tanh", {"z"}, {"out"});
}

}  // namespace strobe::test
