#pragma once

// Where the elements of a product's matrices lie in memory. A matrix that is stored as one has
// strides; that of a convolution exists only as windows of images, whose places are worked out lane
// by lane, so that nothing of it is ever in memory.

#include <cstdint>
#include <optional>
#include <variant>

#include "sim/layers/common/layer.h"

namespace strobe::layers {

// What a line, or a k, gives to the place of an element: elements from the array's start, and a row
// and a column of an image. What lies before the image wraps round to a huge number.
struct PlacePart {
  std::uint64_t base = 0, row = 0, column = 0;
};

// How a line's part and a k's together say the place.
struct PlaceRule {
  std::uint64_t height = 1, width = 1;  // of an image
  std::uint64_t row_pitch = 0, column_pitch = 0;
  std::uint64_t stride = 1;  // so many rows and columns of the parts are one of the image

  // Nothing where the window hangs over the image's edge.
  std::optional<std::uint64_t> place(const PlacePart& line, const PlacePart& k) const {
    std::uint64_t row = line.row + k.row, column = line.column + k.column;
    if (stride != 1) {
      row /= stride;
      column /= stride;
    }
    if (row >= height || column >= width) return std::nullopt;
    return line.base + k.base + row * row_pitch + column * column_pitch;
  }
};

// All places are in elements from the array's start.
struct MatrixPlaces {
  std::uint64_t line_stride = 0, k_stride = 1;
  // So many neighbours along k lie k_stride apart, the next ones k_block_stride further on. 0: all.
  std::uint64_t k_block = 0, k_block_stride = 0;

  std::uint64_t place(std::uint64_t line, std::uint64_t k) const {
    const std::uint64_t at_line = line * line_stride;
    if (k_block == 0) return at_line + k * k_stride;
    return at_line + k / k_block * k_block_stride + k % k_block * k_stride;
  }
  static PlaceRule rule() { return {}; }
  PlacePart of_line(std::uint64_t line) const { return {place(line, 0), 0, 0}; }
  PlacePart of_k(std::uint64_t k) const { return {place(0, k), 0, 0}; }
};

// The images of a convolution, stored image by image, channel by channel, row by row.
struct WindowPlaces {
  // What a line of the matrix is, and what its k is.
  enum class Lines : std::uint8_t {
    outputs,  // an output's pixel; k goes through the taps of its window
    taps,     // a tap; k goes through the pixels of all outputs
    inputs,  // an input's pixel; k goes through the taps that it is under, in the outputs' gradient
  };
  Lines lines{};
  ImageSizes sizes;

  PlaceRule rule() const;
  PlacePart of_line(std::uint64_t line) const {
    return lines == Lines::taps ? of_tap(line) : of_pixel(line);
  }
  PlacePart of_k(std::uint64_t k) const { return lines == Lines::taps ? of_pixel(k) : of_tap(k); }

 private:
  PlacePart of_pixel(std::uint64_t index) const;
  PlacePart of_tap(std::uint64_t index) const;
};

// The same of images of which the channels of a pixel lie side by side, and so do those of a tap of
// a filter: k, or a line of taps, goes through the channels first. `sizes` has as many channels and
// filters as are stored.
struct ChannelsLastPlaces {
  WindowPlaces::Lines lines{};
  ImageSizes sizes;

  PlaceRule rule() const;
  PlacePart of_line(std::uint64_t line) const {
    return lines == WindowPlaces::Lines::taps ? of_tap(line) : of_pixel(line);
  }
  PlacePart of_k(std::uint64_t k) const {
    return lines == WindowPlaces::Lines::taps ? of_pixel(k) : of_tap(k);
  }

 private:
  std::uint64_t depth() const {
    return lines == WindowPlaces::Lines::inputs ? sizes.filters : sizes.channels;
  }
  PlacePart of_pixel(std::uint64_t index) const;
  PlacePart of_tap(std::uint64_t index) const;
};

using Places = std::variant<MatrixPlaces, WindowPlaces, ChannelsLastPlaces>;

inline PlaceRule rule_of(const Places& places) {
  return std::visit([](const auto& each) { return each.rule(); }, places);
}
inline PlacePart part_of_line(const Places& places, std::uint64_t line) {
  return std::visit([&](const auto& each) { return each.of_line(line); }, places);
}
inline PlacePart part_of_k(const Places& places, std::uint64_t k) {
  return std::visit([&](const auto& each) { return each.of_k(k); }, places);
}

inline std::optional<std::uint64_t> place_in(const Places& places, std::uint64_t line,
                                             std::uint64_t k) {
  return rule_of(places).place(part_of_line(places, line), part_of_k(places, k));
}

}  // namespace strobe::layers
