#pragma once

// Where the elements of a product's matrices lie in memory. A matrix that is stored as one has
// strides; that of a convolution exists only as windows of images, whose places are worked out lane
// by lane, so that nothing of it is ever in memory.

#include <cstdint>
#include <optional>
#include <variant>

#include "sim/layers/layer.h"

namespace strobe::layers {

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

  // Nothing where the window hangs over the image's edge.
  std::optional<std::uint64_t> place(std::uint64_t line, std::uint64_t k) const;
};

// The same of images of which the channels of a pixel lie side by side, and so do those of a tap of
// a filter: k, or a line of taps, goes through the channels first. `sizes` has as many channels and
// filters as are stored.
struct ChannelsLastPlaces {
  WindowPlaces::Lines lines{};
  ImageSizes sizes;

  std::optional<std::uint64_t> place(std::uint64_t line, std::uint64_t k) const;
};

using Places = std::variant<MatrixPlaces, WindowPlaces, ChannelsLastPlaces>;

inline std::optional<std::uint64_t> place_in(const Places& places, std::uint64_t line,
                                             std::uint64_t k) {
  if (const auto* matrix = std::get_if<MatrixPlaces>(&places)) return matrix->place(line, k);
  if (const auto* last = std::get_if<ChannelsLastPlaces>(&places)) return last->place(line, k);
  return std::get<WindowPlaces>(places).place(line, k);
}

}  // namespace strobe::layers
