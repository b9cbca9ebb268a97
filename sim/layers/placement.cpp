#include "sim/layers/placement.h"

namespace strobe::layers {
namespace {

struct Tap {
  std::uint64_t channel, row, column;
};

Tap tap_of(const ImageSizes& sizes, std::uint64_t index) {
  const std::uint64_t in_kernel = index % sizes.taps();
  return {index / sizes.taps(), in_kernel / sizes.kernel_width, in_kernel % sizes.kernel_width};
}

struct Pixel {
  std::uint64_t image, row, column;
};

Pixel pixel_of(std::uint64_t index, std::uint64_t height, std::uint64_t width) {
  const std::uint64_t in_image = index % (height * width);
  return {index / (height * width), in_image / width, in_image % width};
}

std::optional<std::uint64_t> input_of(const ImageSizes& sizes, std::uint64_t output,
                                      std::uint64_t tap_index) {
  const Tap tap = tap_of(sizes, tap_index);
  const Pixel pixel = pixel_of(output, sizes.out_height(), sizes.out_width());
  // What lies before the image wraps round to a huge number.
  const std::uint64_t row = pixel.row * sizes.stride + tap.row - sizes.padding;
  const std::uint64_t column = pixel.column * sizes.stride + tap.column - sizes.padding;
  if (row >= sizes.height || column >= sizes.width) return std::nullopt;
  return ((pixel.image * sizes.channels + tap.channel) * sizes.height + row) * sizes.width + column;
}

// Of a pixel's taps, one in stride x stride falls on an output: which ones depends on where the
// pixel lies between outputs, how many does not on average. The mean is what every pixel gets.
std::optional<std::uint64_t> output_over(const ImageSizes& sizes, std::uint64_t input,
                                         std::uint64_t k) {
  const Tap tap = tap_of(sizes, k * sizes.stride * sizes.stride);
  const Pixel pixel = pixel_of(input, sizes.height, sizes.width);
  const std::uint64_t row = (pixel.row + sizes.padding - tap.row) / sizes.stride;
  const std::uint64_t column = (pixel.column + sizes.padding - tap.column) / sizes.stride;
  if (row >= sizes.out_height() || column >= sizes.out_width()) return std::nullopt;
  const std::uint64_t plane = pixel.image * sizes.filters + tap.channel;
  return (plane * sizes.out_height() + row) * sizes.out_width() + column;
}

}  // namespace

std::optional<std::uint64_t> ChannelsLastPlaces::place(std::uint64_t line, std::uint64_t k) const {
  const bool is_gradient = lines == WindowPlaces::Lines::inputs;
  const std::uint64_t depth = is_gradient ? sizes.filters : sizes.channels;
  const std::uint64_t tap_and_channel = lines == WindowPlaces::Lines::taps ? line : k;
  const std::uint64_t output = lines == WindowPlaces::Lines::taps ? k : line;
  // Of a gradient's taps, as of output_over's, one in stride x stride.
  const std::uint64_t step = is_gradient ? sizes.stride * sizes.stride : 1;
  const std::uint64_t in_kernel = tap_and_channel / depth * step;
  const std::uint64_t tap_row = in_kernel / sizes.kernel_width;
  const std::uint64_t tap_column = in_kernel % sizes.kernel_width;
  const std::uint64_t height = is_gradient ? sizes.out_height() : sizes.height;
  const std::uint64_t width = is_gradient ? sizes.out_width() : sizes.width;
  const Pixel pixel = is_gradient ? pixel_of(output, sizes.height, sizes.width)
                                  : pixel_of(output, sizes.out_height(), sizes.out_width());
  const std::uint64_t row = is_gradient ? (pixel.row + sizes.padding - tap_row) / sizes.stride
                                        : pixel.row * sizes.stride + tap_row - sizes.padding;
  const std::uint64_t column = is_gradient
                                   ? (pixel.column + sizes.padding - tap_column) / sizes.stride
                                   : pixel.column * sizes.stride + tap_column - sizes.padding;
  if (row >= height || column >= width) return std::nullopt;
  return ((pixel.image * height + row) * width + column) * depth + tap_and_channel % depth;
}

std::optional<std::uint64_t> WindowPlaces::place(std::uint64_t line, std::uint64_t k) const {
  switch (lines) {
    case Lines::outputs:
      return input_of(sizes, line, k);
    case Lines::taps:
      return input_of(sizes, k, line);
    case Lines::inputs:
      break;
  }
  return output_over(sizes, line, k);
}

}  // namespace strobe::layers
