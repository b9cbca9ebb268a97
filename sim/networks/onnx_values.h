#pragma once

// What is known of the values in an ONNX graph before it runs: their shapes, in which the batch
// stands for itself, and the numbers of the small ones that shapes are computed with.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/networks/network.h"
#include "sim/onnx/model.h"

namespace strobe::networks {

// A number, or so many times the batch.
struct Extent {
  std::int64_t count = 0;
  bool of_batch = false;

  bool operator==(const Extent&) const = default;
};
using Extents = std::vector<Extent>;

// More than anything has; further away only "to the end" is meant.
inline constexpr std::int64_t kMostCount = std::int64_t{1} << 40;
std::int64_t bounded(std::int64_t number);

struct Value {
  Extents shape;
  std::optional<std::size_t> node;  // that makes it; none: it is known before the network runs
  std::optional<Extents> numbers;   // of a value that shapes may be computed from
  std::string weights;              // which tensor of the file it comes from
  bool is_known = true;             // not the result of something unsupported
};

// A node of the graph with what goes into it. Operators throw UserError where they are used in a
// way that is not supported.
struct OnnxCall {
  const onnx::Node& node;
  std::vector<const Value*> inputs;  // null where one is left out
  std::int64_t opset = 0;
  std::int64_t file_batch = 0;  // the batch that the file was exported with; 0: open

  const Value& input(std::size_t i) const;
  bool has(std::size_t i) const { return i < inputs.size() && inputs[i] != nullptr; }
  // Of an input that must be known before the network runs.
  const Extents& numbers(std::size_t i) const;
  // Numbers of an attribute. All numbers are kept within kMostCount.
  std::vector<std::int64_t> integers(std::string_view attribute) const;
  std::int64_t integer(std::string_view attribute, std::int64_t otherwise) const;
  // An axis of a shape of `rank`, counted from its end when it is negative.
  std::size_t axis(std::int64_t at, std::size_t rank) const;
  [[noreturn]] void refuse(const std::string& why) const;
};

// What an operator gives: its shape, and the layer that makes it. Without a layer it is the same
// memory in another shape.
struct Result {
  Extents shape;
  std::optional<Node> layer;
  std::optional<Node> first;  // a layer between the first input and that one
  std::optional<Extents> numbers;
};

// The product of the sizes; the batch counts as one.
std::uint64_t count_of(const Extents& shape);
bool has_batch(const Extents& shape);
std::string text_of(const Extents& shape);

// Without the batch.
Shape sample_of(const OnnxCall& call, const Extents& shape);

}  // namespace strobe::networks
