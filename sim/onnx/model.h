#pragma once

// A model as an ONNX file has it (onnx.proto of the ONNX standard): operators, what goes in and
// comes out of them, and the shapes of weights, whose values stay in the file. What a model means
// is networks/onnx_network.h's matter.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace strobe::onnx {

// The numbers of TensorProto.DataType.
enum class ElementType : std::int32_t {
  undefined = 0,
  float32 = 1,
  int32 = 6,
  int64 = 7,
  float16 = 10,
  bfloat16 = 16,
};

// Weights or a constant. Integers are kept where there are few of them: shapes, axes and indices.
struct Tensor {
  std::string name;
  ElementType type{};
  std::vector<std::int64_t> sizes;
  std::vector<std::int64_t> integers;
  bool has_integers = false;
};

// A size of an input: a number, or a name that stands for one.
struct Size {
  std::int64_t count = 0;  // 0: open
  std::string name;        // may be empty
};

struct Input {
  std::string name;
  ElementType type{};
  bool is_tensor = false;
  std::vector<Size> sizes;
};

struct Attribute {
  std::string name;
  std::int64_t integer = 0;
  std::string text;
  std::vector<std::int64_t> integers;
  Tensor tensor;
  bool is_graph = false;  // the body of a condition or a loop
};

struct Node {
  std::string name;  // of its first output where it has none
  std::string op;
  std::string domain;                        // empty: the standard's
  std::vector<std::string> inputs, outputs;  // an empty one is left out
  std::vector<Attribute> attributes;

  const Attribute* attribute(std::string_view name) const;
  std::int64_t integer(std::string_view name, std::int64_t otherwise) const;
  std::vector<std::int64_t> integers(std::string_view name) const;
  std::string text(std::string_view name, std::string_view otherwise) const;
};

struct Model {
  std::string file;
  std::string graph_name;
  std::int64_t opset = 0;  // of the standard's operators
  std::vector<Node> nodes;
  std::vector<Tensor> weights;
  std::vector<Input> inputs;
  std::vector<std::string> outputs;
};

// Weights are passed over, wherever they are, so that a model of any size takes little memory.
// Throws UserError when `path` is no ONNX file or a damaged one.
Model read_model(const std::string& path);

}  // namespace strobe::onnx
