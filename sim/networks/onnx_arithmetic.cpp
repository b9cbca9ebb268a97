// What is computed element by element, and over rows or images.

#include <algorithm>
#include <array>

#include "sim/networks/onnx_operators.h"

namespace strobe::networks {
namespace {

// An operator of two inputs: with another tensor, with weights or a constant, and as the
// arithmetic of shapes that it is too.
struct Binary {
  std::string_view name, of_two, with_constant;
};
constexpr std::array<Binary, 9> kBinaries{{{"Add", "add", "addu"},
                                           {"Sum", "add", "addu"},
                                           {"Sub", "add", "addu"},
                                           {"Mul", "mul", "mulu"},
                                           {"Div", "div", "divu"},
                                           {"Pow", "pow", "powu"},
                                           {"Max", "max", "clip"},
                                           {"Min", "max", "clip"},
                                           {"PRelu", "leaky_relu", "leaky_relu"}}};

struct Unary {
  std::string_view name, function;
};
constexpr std::array<Unary, 19> kUnaries{{{"Relu", "relu"},
                                          {"LeakyRelu", "leaky_relu"},
                                          {"Elu", "elu"},
                                          {"Gelu", "gelu"},
                                          {"Silu", "silu"},
                                          {"Tanh", "tanh"},
                                          {"Sigmoid", "sigmoid"},
                                          {"HardSigmoid", "hard_sigmoid"},
                                          {"HardSwish", "hard_swish"},
                                          {"Softplus", "softplus"},
                                          {"Exp", "exp"},
                                          {"Log", "log"},
                                          {"Sqrt", "sqrt"},
                                          {"Reciprocal", "sqrt"},
                                          {"Erf", "erf"},
                                          {"Clip", "clip"},
                                          {"Neg", "mulu"},
                                          {"Abs", "mulu"},
                                          {"LRN", "lrn"}}};

// The shape of two that are spread over each other.
Extents spread(const OnnxCall& call, const Extents& a, const Extents& b) {
  Extents shape(std::max(a.size(), b.size()));
  for (std::size_t i = 1; i <= shape.size(); ++i) {
    const Extent x = i <= a.size() ? a[a.size() - i] : Extent{1};
    const Extent y = i <= b.size() ? b[b.size() - i] : Extent{1};
    const Extent one{1};
    // What a batch of one was exported with is the batch.
    if (x != y && x != one && y != one && x.of_batch == y.of_batch) {
      call.refuse(text_of(a) + " and " + text_of(b) + " do not fit");
    }
    shape[shape.size() - i] = x == one || y.of_batch ? y : x;
  }
  return shape;
}

std::optional<Extent> computed(std::string_view op, Extent a, Extent b) {
  const auto both = [&](std::int64_t count) { return Extent{count, a.of_batch || b.of_batch}; };
  if (std::max(std::abs(a.count), std::abs(b.count)) > kMostCount) return std::nullopt;
  if (op == "Mul" && !(a.of_batch && b.of_batch) &&
      (b.count == 0 || std::abs(a.count) <= kMostCount / std::abs(b.count))) {
    return both(a.count * b.count);
  }
  if (op == "Div" && b.count != 0 && (a.of_batch || !b.of_batch)) {
    return Extent{a.count / b.count, a.of_batch != b.of_batch};
  }
  if (a.of_batch != b.of_batch) return std::nullopt;
  if (op == "Add") return both(a.count + b.count);
  if (op == "Sub") return both(a.count - b.count);
  return std::nullopt;
}

std::optional<Extents> computed(std::string_view op, const Value& a, const Value& b) {
  if (!a.numbers || !b.numbers || std::max(a.shape.size(), b.shape.size()) > 1) return std::nullopt;
  const std::size_t count = std::max(a.numbers->size(), b.numbers->size());
  const auto of = [](const Extents& numbers, std::size_t i) {
    return numbers.size() == 1 ? numbers[0] : numbers[i];
  };
  Extents numbers;
  for (std::size_t i = 0; i < count; ++i) {
    if (std::min(a.numbers->size(), b.numbers->size()) == 0) return std::nullopt;
    if (i >= a.numbers->size() && a.numbers->size() != 1) return std::nullopt;
    if (i >= b.numbers->size() && b.numbers->size() != 1) return std::nullopt;
    const auto number = computed(op, of(*a.numbers, i), of(*b.numbers, i));
    if (!number) return std::nullopt;
    numbers.push_back(*number);
  }
  return numbers;
}

// One tensor for each sample and one that is the same for all, or smaller, is the first one's
// operator with a constant: the smaller is in the caches.
Result binary_result(const OnnxCall& call, const Binary& binary, const Value& a, const Value& b) {
  const Extents shape = spread(call, a.shape, b.shape);
  if (a.numbers && b.numbers) return {shape, {}, {}, computed(binary.name, a, b)};
  if (!a.node && !b.node) return {shape, {}, {}, {}};
  const bool are_alike = a.node && b.node && a.shape == b.shape;
  Result made = layer_of(call, Kind::activation, shape);
  Node& layer = *made.layer;
  if (are_alike && (binary.of_two == "add" || binary.of_two == "mul")) {
    layer.kind = binary.of_two == "add" ? Kind::add : Kind::multiply;
    return made;
  }
  const std::uint64_t constants = a.node && b.node ? 0 : count_of(a.node ? b.shape : a.shape);
  if (constants > 1 && binary.of_two == "add") {
    layer.kind = Kind::positions;
    layer.sizes.vocabulary = 1;
    layer.parameters = constants;
  }
  layer.function = are_alike ? binary.of_two : binary.with_constant;
  return made;
}

std::vector<Result> binary(const OnnxCall& call) {
  const auto* const found = std::ranges::find(kBinaries, call.node.op, &Binary::name);
  if (call.inputs.size() > 2) call.refuse("more than two inputs are not supported");
  return {binary_result(call, *found, call.input(0), call.input(1))};
}

std::vector<Result> unary(const OnnxCall& call) {
  const auto* const found = std::ranges::find(kUnaries, call.node.op, &Unary::name);
  const Value& input = call.input(0);
  if (!input.node) return {{input.shape, {}, {}, {}}};
  Result made = layer_of(call, Kind::activation, input.shape);
  made.layer->function = found->function;
  return {made};
}

// Rows are what lies behind the axis; before opset 13 several axes could be meant by one.
std::vector<Result> softmax(const OnnxCall& call) {
  const Extents& shape = call.input(0).shape;
  const bool is_flat = call.opset < 13;
  const std::size_t axis = call.axis(call.integer("axis", is_flat ? 1 : -1), shape.size());
  const Extents rows(shape.begin() + static_cast<std::ptrdiff_t>(axis), shape.end());
  const std::uint64_t columns = count_of(rows);
  if (has_batch(rows) || (!is_flat && columns != static_cast<std::uint64_t>(rows[0].count))) {
    call.refuse("only a softmax of the last axis is supported");
  }
  Result made = layer_of(call, Kind::softmax, shape);
  made.layer->shape = {count_of(shape) / columns, columns};
  return {made};
}

std::vector<Result> batch_norm(const OnnxCall& call) {
  const Extents& shape = call.input(0).shape;
  if (shape.size() != 4) call.refuse("needs images, not " + text_of(shape));
  Result made = layer_of(call, Kind::batch_norm, shape);
  made.layer->parameters = 2 * static_cast<std::uint64_t>(shape[1].count);
  return {made};
}

std::vector<Result> layer_norm(const OnnxCall& call) {
  const Extents& shape = call.input(0).shape;
  if (call.axis(call.integer("axis", -1), shape.size()) + 1 != shape.size()) {
    call.refuse("only a norm of the last axis is supported");
  }
  Result made = layer_of(call, Kind::layer_norm, shape);
  made.layer->parameters = 2 * static_cast<std::uint64_t>(shape.back().count);
  return {made};
}

// Over whole images it is a pooling.
std::vector<Result> mean(const OnnxCall& call) {
  const Extents& shape = call.input(0).shape;
  std::vector<std::int64_t> axes = call.integers("axes");
  if (call.has(1)) {
    for (const Extent& axis : call.numbers(1)) axes.push_back(axis.count);
  }
  const bool is_image = shape.size() == 4 && shape[0].of_batch && axes.size() == 2 &&
                        call.axis(axes[0], 4) + call.axis(axes[1], 4) == 5;
  if (!is_image) call.refuse("only a mean over whole images is supported");
  Extents pooled{shape[0], shape[1]};
  if (call.integer("keepdims", 1) != 0) pooled = {shape[0], shape[1], {1}, {1}};
  Result made = layer_of(call, Kind::average_pool, pooled);
  Sizes& sizes = made.layer->sizes;
  sizes.kernel = static_cast<std::uint64_t>(shape[2].count);
  sizes.kernel_width = static_cast<std::uint64_t>(shape[3].count);
  sizes.stride = std::max(sizes.kernel, sizes.kernel_width);
  made.layer->shape = {static_cast<std::uint64_t>(shape[1].count), 1, 1};
  return {made};
}

struct Named {
  std::string_view name;
  OnnxOperator op;
};
constexpr std::array<Named, 4> kRows{{{"Softmax", softmax},
                                      {"BatchNormalization", batch_norm},
                                      {"LayerNormalization", layer_norm},
                                      {"ReduceMean", mean}}};

}  // namespace

OnnxOperator arithmetic_operator(std::string_view op) {
  if (std::ranges::find(kBinaries, op, &Binary::name) != kBinaries.end()) return binary;
  if (std::ranges::find(kUnaries, op, &Unary::name) != kUnaries.end()) return unary;
  const auto* const found = std::ranges::find(kRows, op, &Named::name);
  return found == kRows.end() ? nullptr : found->op;
}

}  // namespace strobe::networks
