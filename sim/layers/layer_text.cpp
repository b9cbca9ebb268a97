#include "sim/layers/layer_text.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "sim/base/error.h"
#include "sim/layers/elementwise.h"

namespace strobe::layers {
namespace {

struct NamedOp {
  std::string_view name;
  Operator op;
};
constexpr std::array<NamedOp, 5> kNamedOps{{{"softmax", Operator::softmax},
                                            {"layer_norm", Operator::layer_norm},
                                            {"ln", Operator::layer_norm},
                                            {"linear", Operator::linear},
                                            {"bmm", Operator::bmm}}};

struct Size {
  std::string_view key;
  std::uint64_t Layer::*place;
  bool may_be_left_out;
};
constexpr std::array<Size, 2> kRowSizes{
    {{"rows", &Layer::rows, false}, {"cols", &Layer::columns, false}}};
constexpr std::array<Size, 4> kProductSizes{{{"batch", &Layer::batch, true},
                                             {"m", &Layer::m, false},
                                             {"n", &Layer::n, false},
                                             {"k", &Layer::k, false}}};

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower;
}

std::vector<std::string> words_of(std::string_view text, std::string_view separators) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(separators), text.size());
    if (end > 0) words.push_back(lower_case(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

bool is_product(Operator op) {
  return op == Operator::linear || op == Operator::bmm;
}

std::uint64_t size_in(const std::string& word, std::string_view value) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 32;
  std::uint64_t size = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), size);
  if (error != std::errc{} || end != value.data() + value.size() || size == 0 || size > kMost) {
    throw UserError("'" + word + "': a size is a whole number from 1 to 4294967296");
  }
  return size;
}

template <class Sizes>
void read_size(Layer& layer, const Sizes& sizes, const std::string& word) {
  const std::size_t equals = word.find('=');
  const std::string_view key = std::string_view(word).substr(0, equals);
  const auto found =
      std::find_if(sizes.begin(), sizes.end(), [&](const Size& size) { return size.key == key; });
  if (equals == std::string::npos || found == sizes.end()) {
    std::string keys = "dtype=";
    for (const Size& size : sizes) keys += ", " + std::string(size.key) + "=";
    throw UserError("layer " + layer.name + ": '" + word + "' is none of " + keys);
  }
  layer.*(found->place) = size_in(word, std::string_view(word).substr(equals + 1));
}

template <class Sizes>
void require_sizes(const Layer& layer, const Sizes& sizes) {
  for (const Size& size : sizes) {
    if (!size.may_be_left_out && layer.*(size.place) == 0) {
      throw UserError("layer " + layer.name + ": " + std::string(size.key) + "= is missing");
    }
  }
}

// What the kernels that are known compute.
void require_possible(const Layer& layer) {
  if (is_product(layer.op) && layer.type != DataType::fp32) {
    throw UserError("layer " + layer.name + ": only dtype=fp32 is known, not " +
                    std::string(name_of(layer.type)));
  }
  if (layer.op == Operator::layer_norm && layer.columns * bytes_of(layer.type) % 16 != 0) {
    throw UserError("layer " + layer.name +
                    ": cols= must be a whole number of 16-byte vectors; the kernel for others is "
                    "not known");
  }
  constexpr std::uint64_t kMostElements = std::uint64_t{1} << 40;
  const auto too_many = [&](std::uint64_t a, std::uint64_t b) { return a > kMostElements / b; };
  const bool is_too_big = is_product(layer.op) ? too_many(layer.batch * layer.m, layer.k) ||
                                                     too_many(layer.batch * layer.k, layer.n) ||
                                                     too_many(layer.batch * layer.m, layer.n)
                                               : too_many(layer.rows, layer.columns);
  if (is_too_big) throw UserError("layer " + layer.name + ": a matrix has more than 2^40 elements");
}

Layer named_layer(const std::string& name) {
  Layer layer;
  layer.name = name;
  const auto* const found = std::find_if(kNamedOps.begin(), kNamedOps.end(),
                                         [&](const NamedOp& op) { return op.name == name; });
  if (found != kNamedOps.end()) {
    layer.op = found->op;
  } else if (elementwise_named(name)) {
    layer.op = Operator::elementwise;
  } else {
    throw UserError("no layer is called '" + name + "'; known are " + known_operators());
  }
  return layer;
}

Layer layer_of(const std::vector<std::string>& words) {
  if (words.empty())
    throw UserError("a layer is an operator and its sizes: add rows=4096 cols=1024");
  Layer layer = named_layer(words.front());
  for (const std::string& word : std::vector(words.begin() + 1, words.end())) {
    if (word.starts_with("dtype=")) {
      const auto type = data_type_named(std::string_view(word).substr(6));
      if (!type) throw UserError("layer " + layer.name + ": '" + word + "' is not a known type");
      layer.type = *type;
    } else if (is_product(layer.op)) {
      read_size(layer, kProductSizes, word);
    } else {
      read_size(layer, kRowSizes, word);
    }
  }
  is_product(layer.op) ? require_sizes(layer, kProductSizes) : require_sizes(layer, kRowSizes);
  require_possible(layer);
  return layer;
}

}  // namespace

Layer parse_layer(std::string_view text) {
  return layer_of(words_of(text, " \t"));
}

Layer parse_layer(std::string_view op, std::string_view shape, std::string_view type) {
  std::vector<std::string> words = words_of(shape, ";");
  words.insert(words.begin(), lower_case(op));
  if (!type.empty()) words.push_back("dtype=" + lower_case(type));
  return layer_of(words);
}

std::string known_operators() {
  std::string text;
  for (const ElementwiseOp& op : elementwise_operators()) text += std::string(op.name) + ", ";
  for (const NamedOp& op : kNamedOps) text += std::string(op.name) + ", ";
  return text.substr(0, text.size() - 2);
}

}  // namespace strobe::layers
