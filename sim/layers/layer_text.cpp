#include "sim/layers/layer_text.h"

#include <algorithm>
#include <charconv>
#include <span>
#include <string>

#include "sim/base/error.h"
#include "sim/layers/products/matrix_vector.h"
#include "sim/layers/rows/channel_kernel.h"
#include "sim/layers/rows/elementwise.h"
#include "sim/layers/rows/pooling.h"

namespace strobe::layers {
namespace {

struct NamedOp {
  std::string_view name;
  Operator op;
};
constexpr std::array<NamedOp, 23> kNamedOps{
    {{"softmax", Operator::softmax},
     {"log_softmax", Operator::log_softmax},
     {"softmax_backward", Operator::softmax_backward},
     {"log_softmax_backward", Operator::log_softmax_backward},
     {"layer_norm", Operator::layer_norm},
     {"ln", Operator::layer_norm},
     {"rms_norm", Operator::rms_norm},
     {"layer_norm_backward", Operator::layer_norm_backward},
     {"rms_norm_backward", Operator::rms_norm_backward},
     {"cross_entropy", Operator::cross_entropy},
     {"cross_entropy_backward", Operator::cross_entropy_backward},
     {"embedding", Operator::embedding},
     {"embedding_backward", Operator::embedding_backward},
     {"dropout", Operator::dropout},
     {"linear", Operator::linear},
     {"bmm", Operator::bmm},
     {"gemv", Operator::gemv},
     {"attention_decode", Operator::attention_decode},
     {"attention", Operator::attention},
     {"attention_backward", Operator::attention_backward},
     {"conv", Operator::convolution},
     {"conv_data", Operator::convolution_data},
     {"conv_weights", Operator::convolution_weights}}};

struct Size {
  std::string_view key;
  std::uint64_t& (*of)(Layer& layer);
  bool may_be_left_out;
};
// The last one is an embedding's.
constexpr std::array<Size, 3> kRowSizes{
    {{"rows", [](Layer& layer) -> std::uint64_t& { return layer.rows; }, false},
     {"cols", [](Layer& layer) -> std::uint64_t& { return layer.columns; }, false},
     {"table", [](Layer& layer) -> std::uint64_t& { return layer.table; }, false}}};
constexpr std::array<Size, 4> kProductSizes{
    {{"batch", [](Layer& layer) -> std::uint64_t& { return layer.batch; }, true},
     {"m", [](Layer& layer) -> std::uint64_t& { return layer.m; }, false},
     {"n", [](Layer& layer) -> std::uint64_t& { return layer.n; }, false},
     {"k", [](Layer& layer) -> std::uint64_t& { return layer.k; }, false}}};
// The first four are those of what has no windows, all but the last of what has no filters.
constexpr std::array<Size, 9> kImageSizes{
    {{"n", [](Layer& layer) -> std::uint64_t& { return layer.image.images; }, false},
     {"c", [](Layer& layer) -> std::uint64_t& { return layer.image.channels; }, false},
     {"h", [](Layer& layer) -> std::uint64_t& { return layer.image.height; }, false},
     {"w", [](Layer& layer) -> std::uint64_t& { return layer.image.width; }, true},
     {"r", [](Layer& layer) -> std::uint64_t& { return layer.image.kernel_height; }, false},
     {"s", [](Layer& layer) -> std::uint64_t& { return layer.image.kernel_width; }, true},
     {"stride", [](Layer& layer) -> std::uint64_t& { return layer.image.stride; }, true},
     {"pad", [](Layer& layer) -> std::uint64_t& { return layer.image.padding; }, true},
     {"k", [](Layer& layer) -> std::uint64_t& { return layer.image.filters; }, false}}};
constexpr std::array<Size, 8> kAttentionSizes{
    {{"batch", [](Layer& layer) -> std::uint64_t& { return layer.attention.batch; }, true},
     {"heads", [](Layer& layer) -> std::uint64_t& { return layer.attention.heads; }, false},
     {"kv_heads", [](Layer& layer) -> std::uint64_t& { return layer.attention.kv_heads; }, true},
     {"q", [](Layer& layer) -> std::uint64_t& { return layer.attention.queries; }, false},
     {"kv", [](Layer& layer) -> std::uint64_t& { return layer.attention.keys; }, true},
     {"d", [](Layer& layer) -> std::uint64_t& { return layer.attention.depth; }, false},
     {"causal", [](Layer& layer) -> std::uint64_t& { return layer.attention.causal; }, true},
     {"splits", [](Layer& layer) -> std::uint64_t& { return layer.attention.splits; }, true}}};

std::span<const Size> sizes_of(Operator op) {
  if (is_attention(op)) return kAttentionSizes;
  if (is_product(op)) return kProductSizes;
  if (is_embedding(op)) return kRowSizes;
  if (!has_images(op)) return std::span<const Size>(kRowSizes).first(2);
  const std::span<const Size> all(kImageSizes);
  if (op == Operator::channel) return all.first(4);
  return op == Operator::pooling ? all.first(8) : all;
}

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

std::uint64_t size_in(const std::string& word, std::string_view value) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 32;
  const bool may_be_none = word.starts_with("pad=") || word.starts_with("causal=");
  const std::uint64_t least = may_be_none ? 0 : 1;
  std::uint64_t size = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), size);
  if (error != std::errc{} || end != value.data() + value.size() || size < least || size > kMost) {
    throw UserError("'" + word + "': a size is a whole number from " + std::to_string(least) +
                    " to 4294967296");
  }
  return size;
}

void read_size(Layer& layer, const std::string& word) {
  const std::span<const Size> sizes = sizes_of(layer.op);
  const std::size_t equals = word.find('=');
  const std::string_view key = std::string_view(word).substr(0, equals);
  const auto found =
      std::find_if(sizes.begin(), sizes.end(), [&](const Size& size) { return size.key == key; });
  if (equals == std::string::npos || found == sizes.end()) {
    std::string keys = "dtype=";
    for (const Size& size : sizes) keys += ", " + std::string(size.key) + "=";
    throw UserError("layer " + layer.name + ": '" + word + "' is none of " + keys);
  }
  found->of(layer) = size_in(word, std::string_view(word).substr(equals + 1));
}

void require_sizes(Layer& layer) {
  for (const Size& size : sizes_of(layer.op)) {
    if (!size.may_be_left_out && size.of(layer) == 0) {
      throw UserError("layer " + layer.name + ": " + std::string(size.key) + "= is missing");
    }
  }
}

// Images and windows are square unless their width is given; every head has its keys, and queries
// look at themselves.
void complete(Layer& layer) {
  AttentionSizes& attention = layer.attention;
  if (attention.kv_heads == 0) attention.kv_heads = attention.heads;
  if (attention.keys == 0) attention.keys = attention.queries;
  ImageSizes& image = layer.image;
  if (image.width == 0) image.width = image.height;
  if (image.kernel_width == 0) image.kernel_width = image.kernel_height;
}

bool is_too_many(std::uint64_t a, std::uint64_t b) {
  constexpr std::uint64_t kMostElements = std::uint64_t{1} << 40;
  return a > kMostElements / b;
}

void require_possible_images(const Layer& layer) {
  const ImageSizes& image = layer.image;
  if (image.height + 2 * image.padding < image.kernel_height ||
      image.width + 2 * image.padding < image.kernel_width) {
    throw UserError("layer " + layer.name + ": the window is larger than the padded image");
  }
  const std::uint64_t channels = std::max(image.channels, image.filters);
  if (is_too_many(image.height, image.width) || is_too_many(image.images, channels) ||
      is_too_many(image.images * channels, image.pixels() + 1) ||
      is_too_many(image.kernel_height, image.kernel_width + 1) ||
      is_too_many(channels * channels, image.taps() + 1)) {
    throw UserError("layer " + layer.name + ": an array has more than 2^40 elements");
  }
}

void require_few_rows(const Layer& layer) {
  const bool is_gemv = layer.op == Operator::gemv;
  const bool may_be_packed = is_gemv || (layer.op == Operator::linear && is_general(layer.type));
  if (!layer.weights.empty() && (!may_be_packed || weight_format_named(layer.weights) == nullptr)) {
    throw UserError("layer " + layer.name + ": weights=" + layer.weights +
                    " is not a format that it is known with");
  }
  if ((is_gemv || layer.op == Operator::attention_decode) && layer.m > kMostVectors) {
    throw UserError("layer " + layer.name + ": m= is at most " + std::to_string(kMostVectors));
  }
}

void require_possible_attention(const Layer& layer) {
  const AttentionSizes& sizes = layer.attention;
  const auto refuse = [&](const std::string& why) {
    throw UserError("layer " + layer.name + ": " + why);
  };
  if (sizes.causal > 1) refuse("causal= is 0 or 1");
  if (sizes.heads % sizes.kv_heads != 0) refuse("kv_heads= does not divide heads=");
  if (sizes.causal && sizes.queries > sizes.keys) refuse("causal=1 needs a key for every query");
  if (sizes.depth % 8 != 0 || sizes.depth > 256) {
    refuse("d= is a multiple of 8, of at most 256; the kernels for others are not known");
  }
  if (is_too_many(sizes.batch, sizes.heads) ||
      is_too_many(sizes.batch * sizes.heads, sizes.queries) ||
      is_too_many(sizes.batch * sizes.heads, sizes.keys) ||
      is_too_many(sizes.batch * sizes.heads * sizes.queries, sizes.keys)) {
    refuse("a matrix has more than 2^40 elements");
  }
}

// A CTA goes over a whole row, and its instructions are in memory at once: some 350 bytes for each
// element of the longest ones. (The rows of networks are vocabularies at most, 256 thousand.)
void require_short_rows(const Layer& layer) {
  constexpr std::uint64_t kLongestRow = std::uint64_t{1} << 22;
  const bool has_rows = layer.op >= Operator::softmax && layer.op <= Operator::embedding_backward;
  if ((has_rows && layer.columns > kLongestRow) ||
      (layer.op == Operator::gemv && layer.k > kLongestRow)) {
    throw UserError("layer " + layer.name +
                    ": a row has more than 2^22 elements, which is more than is simulated of one");
  }
}

// What the kernels that are known compute.
void require_possible(const Layer& layer) {
  const bool is_tiled = layer.op == Operator::linear || layer.op == Operator::bmm ||
                        layer.op >= Operator::convolution;
  if (!is_tiled && !is_general(layer.type)) {
    throw UserError("layer " + layer.name + ": dtype=" + std::string(name_of(layer.type)) +
                    " is of linear, bmm and conv only");
  }
  if (is_norm(layer.op) && layer.columns % 4 != 0) {
    throw UserError("layer " + layer.name +
                    ": cols= must be a multiple of 4; the kernel for others is not known");
  }
  if (has_images(layer.op)) return require_possible_images(layer);
  if (is_attention(layer.op)) return require_possible_attention(layer);
  require_few_rows(layer);
  require_short_rows(layer);
  const bool is_too_big = is_product(layer.op)
                              ? is_too_many(layer.batch * layer.m, layer.k) ||
                                    is_too_many(layer.batch * layer.k, layer.n) ||
                                    is_too_many(layer.batch * layer.m, layer.n)
                              : is_too_many(std::max(layer.rows, layer.table), layer.columns);
  if (is_too_big) throw UserError("layer " + layer.name + ": a matrix has more than 2^40 elements");
}

bool is_one_of(const std::string& name, std::span<const std::string_view> names) {
  return std::ranges::find(names, name) != names.end();
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
  } else if (is_one_of(name, pooling_operators())) {
    layer.op = Operator::pooling;
  } else if (is_one_of(name, channel_operators())) {
    layer.op = Operator::channel;
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
      if (!type) {
        throw UserError("layer " + layer.name + ": '" + word + "' is none of " +
                        known_data_types());
      }
      layer.type = *type;
    } else if (word.starts_with("weights=")) {
      layer.weights = word.substr(8);
    } else {
      read_size(layer, word);
    }
  }
  require_sizes(layer);
  complete(layer);
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
  for (const std::string_view name : pooling_operators()) text += std::string(name) + ", ";
  for (const std::string_view name : channel_operators()) text += std::string(name) + ", ";
  for (const NamedOp& op : kNamedOps) text += std::string(op.name) + ", ";
  return text.substr(0, text.size() - 2);
}

}  // namespace strobe::layers
