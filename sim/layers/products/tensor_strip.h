#pragma once

// What a CTA takes of a matrix: so many of its lines, going along k a strip at a time. Matrices of
// any type are made of units of whole bytes: elements, or pairs of fp4.

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "sim/layers/common/placement.h"
#include "sim/layers/common/warp_code.h"

namespace strobe::layers {

struct TensorStrip {
  std::uint64_t address = 0;
  std::uint64_t first = 0, limit = 0;  // lines; what lies from `limit` on is not there
  std::uint32_t extent = 0;            // lines
  std::uint32_t depth = 0;             // units along k of a strip
  std::uint64_t k_limit = 0;           // units along k that there are
  Places places;
  bool k_runs_fastest = true;
  std::uint32_t unit_bytes = 2;
  std::uint32_t width = 8;  // units that lie together, aligned, wherever one starts

  std::uint32_t bytes() const { return extent * depth * unit_bytes; }
};

// Of an access of `bytes` or less, units that lie together.
std::uint32_t units_of_access(const TensorStrip& strip, std::uint32_t bytes);

// Accesses of `units` each that a strip takes.
std::uint32_t accesses_of(const TensorStrip& strip, std::uint32_t units);

// Where access number `index` of strip number `round` starts; nothing where the matrix has ended.
std::optional<std::uint64_t> address_of(const TensorStrip& strip, std::uint32_t units,
                                        std::uint64_t round, std::uint32_t index);

// One instruction of a warp: accesses `first` and those after it, one for each lane.
struct StripAccess {
  std::uint32_t mask = 0, bytes = 0;
  std::array<std::uint64_t, 32> addresses{};  // of the active lanes
};
StripAccess access_of(const TensorStrip& strip, std::uint64_t round, std::uint32_t first);

// Bytes of an access of a lane: sixteen, or what the matrix is aligned to.
inline constexpr std::uint32_t kLaneBytes = 16;
// A piece of a bulk copy: a row of a box of TMA with the swizzle of 128 bytes.
inline constexpr std::uint32_t kPieceBytes = 128;

std::vector<std::uint64_t> pieces_of(const TensorStrip& strip, std::uint64_t round);

}  // namespace strobe::layers
