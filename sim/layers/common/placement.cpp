#include "sim/layers/common/placement.h"

namespace strobe::layers {
namespace {

using Lines = WindowPlaces::Lines;

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

// Where the window of an output's pixel starts; `image`: elements of one.
PlacePart window_of(const ImageSizes& sizes, std::uint64_t output, std::uint64_t image) {
  const Pixel pixel = pixel_of(output, sizes.out_height(), sizes.out_width());
  return {pixel.image * image, pixel.row * sizes.stride - sizes.padding,
          pixel.column * sizes.stride - sizes.padding};
}

// An input's pixel, in outputs' rows and columns times the stride.
PlacePart under_windows(const ImageSizes& sizes, std::uint64_t input, std::uint64_t image) {
  const Pixel pixel = pixel_of(input, sizes.height, sizes.width);
  return {pixel.image * image, pixel.row + sizes.padding, pixel.column + sizes.padding};
}

PlacePart backwards(const PlacePart& part) {
  return {part.base, 0 - part.row, 0 - part.column};
}

}  // namespace

PlaceRule WindowPlaces::rule() const {
  if (lines != Lines::inputs) return {sizes.height, sizes.width, sizes.width, 1, 1};
  return {sizes.out_height(), sizes.out_width(), sizes.out_width(), 1, sizes.stride};
}

PlacePart WindowPlaces::of_pixel(std::uint64_t index) const {
  if (lines != Lines::inputs) return window_of(sizes, index, sizes.channels * sizes.pixels());
  return under_windows(sizes, index, sizes.filters * sizes.out_pixels());
}

// Of an input's taps, one in stride x stride falls on an output: which ones depends on where the
// pixel lies between outputs, how many does not on average. The mean is what every pixel gets.
PlacePart WindowPlaces::of_tap(std::uint64_t index) const {
  const bool is_gradient = lines == Lines::inputs;
  const Tap tap = tap_of(sizes, is_gradient ? index * sizes.stride * sizes.stride : index);
  const std::uint64_t plane = is_gradient ? sizes.out_pixels() : sizes.pixels();
  const PlacePart part{tap.channel * plane, tap.row, tap.column};
  return is_gradient ? backwards(part) : part;
}

PlaceRule ChannelsLastPlaces::rule() const {
  const bool is_gradient = lines == Lines::inputs;
  const std::uint64_t height = is_gradient ? sizes.out_height() : sizes.height;
  const std::uint64_t width = is_gradient ? sizes.out_width() : sizes.width;
  return {height, width, width * depth(), depth(), is_gradient ? sizes.stride : 1};
}

PlacePart ChannelsLastPlaces::of_pixel(std::uint64_t index) const {
  if (lines != Lines::inputs) return window_of(sizes, index, sizes.pixels() * depth());
  return under_windows(sizes, index, sizes.out_pixels() * depth());
}

// Of a gradient's taps one in stride x stride, as above.
PlacePart ChannelsLastPlaces::of_tap(std::uint64_t index) const {
  const bool is_gradient = lines == Lines::inputs;
  const std::uint64_t in_kernel = index / depth() * (is_gradient ? sizes.stride * sizes.stride : 1);
  const PlacePart part{index % depth(), in_kernel / sizes.kernel_width,
                       in_kernel % sizes.kernel_width};
  return is_gradient ? backwards(part) : part;
}

}  // namespace strobe::layers
