// Products of matrices, convolutions, poolings and recurrent layers.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sim/networks/onnx_operators.h"

namespace strobe::networks {
namespace {

// Images of the batch, with channels, height and width.
const Extents& image_in(const OnnxCall& call) {
  const Extents& shape = call.input(0).shape;
  if (shape.size() != 4 || shape[0] != Extent{1, true}) {
    call.refuse("needs images, batch x channels x height x width, not " + text_of(shape));
  }
  return shape;
}

struct Window {
  std::array<std::int64_t, 2> kernel{}, before{}, after{};
  std::int64_t stride = 1;
  std::array<std::int64_t, 2> out{};
};

std::int64_t same_of(const OnnxCall& call, std::string_view attribute) {
  const std::vector<std::int64_t> values = call.integers(attribute);
  if (values.empty()) return 1;
  if (std::ranges::any_of(values, [&](std::int64_t value) { return value != values[0]; })) {
    call.refuse(fmt::format("{} {} differ in height and width", attribute, values[0]));
  }
  return values[0];
}

// How much "same" pads at both ends together, so that each stride gives an output.
std::int64_t same_padding(std::int64_t size, std::int64_t kernel, std::int64_t stride) {
  const std::int64_t outputs = (size + stride - 1) / stride;
  return std::max<std::int64_t>((outputs - 1) * stride + kernel - size, 0);
}

void take_padding(const OnnxCall& call, const Extents& image, Window& window) {
  const std::string automatic = call.node.text("auto_pad", "NOTSET");
  const std::vector<std::int64_t> pads = call.integers("pads");
  for (std::size_t i = 0; i < 2; ++i) {
    if (automatic == "SAME_UPPER" || automatic == "SAME_LOWER") {
      const std::int64_t both = same_padding(image[i + 2].count, window.kernel[i], window.stride);
      window.before[i] = automatic == "SAME_UPPER" ? both / 2 : both - both / 2;
      window.after[i] = both - window.before[i];
    } else if (pads.size() == 4) {
      window.before[i] = pads[i];
      window.after[i] = pads[i + 2];
    } else if (!pads.empty()) {
      call.refuse("pads are not those of height and width");
    }
    if (window.before[i] < 0 || window.after[i] < 0) call.refuse("pads are negative");
  }
}

// With ceil_mode a last window may hang over the padded image's edge, as if more were padded.
void take_outputs(const OnnxCall& call, const Extents& image, Window& window) {
  const bool rounds_up = call.integer("ceil_mode", 0) != 0;
  for (std::size_t i = 0; i < 2; ++i) {
    const std::int64_t size = image[i + 2].count + window.before[i] + window.after[i];
    const std::int64_t room = size - window.kernel[i];
    if (room < 0) call.refuse("the window is larger than the padded image");
    const std::int64_t rest = room % window.stride;
    if (rounds_up && rest > 0) window.after[i] += window.stride - rest;
    window.out[i] = (room + (rounds_up ? window.stride - 1 : 0)) / window.stride + 1;
  }
}

Window window_of(const OnnxCall& call, const Extents& image,
                 const std::vector<std::int64_t>& kernel) {
  Window window;
  if (kernel.size() != 2 || kernel[0] < 1 || kernel[1] < 1) {
    call.refuse("only windows over height and width are supported");
  }
  window.kernel = {kernel[0], kernel[1]};
  window.stride = same_of(call, "strides");
  if (window.stride < 1) call.refuse("strides must be positive");
  if (same_of(call, "dilations") != 1) call.refuse("dilations are not supported");
  take_padding(call, image, window);
  take_outputs(call, image, window);
  return window;
}

bool pads_alike(const Window& window) {
  return window.before == window.after && window.before[0] == window.before[1];
}

// The padding that all sides share is the kernel's own; where they differ, frameworks pad the image
// in a kernel of its own, because the libraries' kernels cannot. Unless what is cut off on one side
// makes no difference to the outputs.
std::vector<Result> with_window(const OnnxCall& call, const Extents& image, Window window,
                                Result made) {
  const auto outputs = [&](std::int64_t padding, std::size_t i) {
    return (image[i + 2].count + 2 * padding - window.kernel[i]) / window.stride + 1;
  };
  const std::int64_t before = window.before[0];
  const bool is_same = window.before[1] == before && outputs(before, 0) == window.out[0] &&
                       outputs(before, 1) == window.out[1];
  Sizes& sizes = made.layer->sizes;
  sizes.kernel = static_cast<std::uint64_t>(window.kernel[0]);
  sizes.kernel_width = static_cast<std::uint64_t>(window.kernel[1]);
  sizes.stride = static_cast<std::uint64_t>(window.stride);
  if (pads_alike(window) || is_same) {
    sizes.padding = static_cast<std::uint64_t>(before);
    return {made};
  }
  Extents padded = image;
  for (std::size_t i = 0; i < 2; ++i) {
    padded[i + 2].count = (window.out[i] - 1) * window.stride + window.kernel[i];
  }
  made.first = layer_of(call, Kind::copy, padded).layer;
  return {made};
}

std::vector<Result> convolution(const OnnxCall& call) {
  const Extents& image = image_in(call);
  const Extents& filters = call.input(1).shape;
  if (filters.size() != 4 || call.input(1).node) call.refuse("needs filters from the file");
  const std::int64_t groups = call.integer("group", 1);
  if (groups < 1 || image[1].count % groups != 0 || filters[0].count % groups != 0 ||
      image[1].count / groups != filters[1].count) {
    call.refuse(fmt::format("filters of {} do not fit {} channels in {} groups", text_of(filters),
                            image[1].count, groups));
  }
  const Window window = window_of(call, image, {filters[2].count, filters[3].count});
  Result made =
      layer_of(call, Kind::convolution, {image[0], filters[0], {window.out[0]}, {window.out[1]}});
  Sizes& sizes = made.layer->sizes;
  sizes.out = static_cast<std::uint64_t>(filters[0].count);
  sizes.groups = static_cast<std::uint64_t>(groups);
  sizes.bias = call.has(2);
  made.layer->parameters = count_of(filters) + (sizes.bias ? sizes.out : 0);
  return with_window(call, image, window, made);
}

std::vector<Result> pooling(const OnnxCall& call) {
  const Extents& image = image_in(call);
  const Window window = window_of(call, image, call.integers("kernel_shape"));
  const Kind kind = call.node.op == "MaxPool" ? Kind::max_pool : Kind::average_pool;
  return with_window(call, image, window,
                     layer_of(call, kind, {image[0], image[1], {window.out[0]}, {window.out[1]}}));
}

std::vector<Result> global_pooling(const OnnxCall& call) {
  const Extents& image = image_in(call);
  const Kind kind = call.node.op == "GlobalMaxPool" ? Kind::max_pool : Kind::average_pool;
  Result made = layer_of(call, kind, {image[0], image[1], {1}, {1}});
  Sizes& sizes = made.layer->sizes;
  sizes.kernel = static_cast<std::uint64_t>(image[2].count);
  sizes.kernel_width = static_cast<std::uint64_t>(image[3].count);
  sizes.stride = std::max(sizes.kernel, sizes.kernel_width);
  return {made};
}

Result dense(const OnnxCall& call, Extents shape, const Value& weights, Extent out) {
  shape.back() = out;
  Result made = layer_of(call, Kind::linear, shape);
  made.layer->sizes.out = static_cast<std::uint64_t>(out.count);
  made.layer->sizes.bias = false;
  made.layer->parameters = count_of(weights.shape);
  return made;
}

std::vector<Result> gemm(const OnnxCall& call) {
  const Value &a = call.input(0), &b = call.input(1);
  if (a.shape.size() != 2 || b.shape.size() != 2) call.refuse("needs two matrices");
  if (b.node || call.integer("transA", 0) != 0) {
    call.refuse("only rows of the batch times weights are supported");
  }
  const bool is_turned = call.integer("transB", 0) != 0;
  const Extent out = b.shape[is_turned ? 0 : 1], depth = b.shape[is_turned ? 1 : 0];
  if (a.shape[1] != depth) {
    call.refuse(text_of(a.shape) + " does not fit weights of " + text_of(b.shape));
  }
  Result made = dense(call, a.shape, b, out);
  if (call.has(2) && !call.input(2).node) {
    made.layer->sizes.bias = true;
    made.layer->parameters += static_cast<std::uint64_t>(out.count);
  }
  return {made};
}

// Matrices side by side, as many as the sizes before the last two say.
std::vector<Result> products(const OnnxCall& call) {
  const Value &a = call.input(0), &b = call.input(1);
  const std::size_t rank = a.shape.size();
  if (rank < 2 || b.shape.size() < 2 || a.shape[rank - 1] != b.shape[b.shape.size() - 2]) {
    call.refuse(text_of(a.shape) + " times " + text_of(b.shape) + " does not fit");
  }
  if (!b.node && b.shape.size() == 2) return {dense(call, a.shape, b, b.shape.back())};
  const bool are_alike =
      b.shape.size() == rank && std::equal(a.shape.begin(), a.shape.end() - 2, b.shape.begin());
  if (!a.node || !b.node || !are_alike || a.shape[rank - 2].of_batch ||
      a.shape[rank - 1].of_batch || b.shape[rank - 1].of_batch) {
    call.refuse(text_of(a.shape) + " times " + text_of(b.shape) + " is not supported");
  }
  Extents shape = a.shape;
  shape.back() = b.shape.back();
  Result made = layer_of(call, Kind::matmul, shape);
  // The batch may have gone from the shape, but not a size of one.
  made.layer->shape = {
      count_of(shape) / static_cast<std::uint64_t>(shape[rank - 2].count * shape.back().count),
      static_cast<std::uint64_t>(shape[rank - 2].count),
      static_cast<std::uint64_t>(shape.back().count)};
  made.layer->sizes.out = static_cast<std::uint64_t>(a.shape.back().count);
  return {made};
}

std::vector<Result> lstm(const OnnxCall& call) {
  const Extents &places = call.input(0).shape, &weights = call.input(1).shape;
  if (places.size() != 3 || places[1] != Extent{1, true} || weights.size() != 3 ||
      weights[0].count != 1 || call.integer("layout", 0) != 0) {
    call.refuse("only one direction over places x batch x features is supported");
  }
  const Extent state{weights[1].count / 4};
  Result made = layer_of(call, Kind::lstm, {places[0], {1}, places[1], state});
  Node& layer = *made.layer;
  layer.shape = {static_cast<std::uint64_t>(places[0].count),
                 static_cast<std::uint64_t>(state.count)};
  layer.sizes.out = layer.shape[1];
  layer.parameters = count_of(weights) + count_of(call.input(2).shape) +
                     (call.has(3) ? count_of(call.input(3).shape) : 0);
  return {made};
}

struct Named {
  std::string_view name;
  OnnxOperator op;
};
constexpr std::array<Named, 8> kOperators{{{"Conv", convolution},
                                           {"MaxPool", pooling},
                                           {"AveragePool", pooling},
                                           {"GlobalAveragePool", global_pooling},
                                           {"GlobalMaxPool", global_pooling},
                                           {"Gemm", gemm},
                                           {"MatMul", products},
                                           {"LSTM", lstm}}};

}  // namespace

OnnxOperator product_operator(std::string_view op) {
  const auto* const found = std::ranges::find(kOperators, op, &Named::name);
  return found == kOperators.end() ? nullptr : found->op;
}

}  // namespace strobe::networks
