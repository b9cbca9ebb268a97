#include "sim/layers/products/tensor_strip.h"

#include <algorithm>

namespace strobe::layers {

std::uint32_t units_of_access(const TensorStrip& strip, std::uint32_t bytes) {
  const std::uint32_t along = strip.k_runs_fastest ? strip.depth : strip.extent;
  return std::min({bytes / strip.unit_bytes, strip.width, along});
}

std::uint32_t accesses_of(const TensorStrip& strip, std::uint32_t units) {
  return strip.extent * strip.depth / units;
}

std::optional<std::uint64_t> address_of(const TensorStrip& strip, std::uint32_t units,
                                        std::uint64_t round, std::uint32_t index) {
  const std::uint32_t of_line = (strip.k_runs_fastest ? strip.depth : strip.extent) / units;
  const std::uint64_t line = index / of_line;
  const std::uint64_t within = std::uint64_t{index % of_line} * units;
  const std::uint64_t k = round * strip.depth + (strip.k_runs_fastest ? within : line);
  const std::uint64_t at = strip.first + (strip.k_runs_fastest ? line : within);
  if (k >= strip.k_limit || at >= strip.limit) return std::nullopt;
  const std::optional<std::uint64_t> place = place_in(strip.places, at, k);
  if (!place) return std::nullopt;
  return strip.address + *place * strip.unit_bytes;
}

StripAccess access_of(const TensorStrip& strip, std::uint64_t round, std::uint32_t first) {
  const std::uint32_t units = units_of_access(strip, kLaneBytes);
  const std::uint32_t all = accesses_of(strip, units);
  StripAccess access;
  access.bytes = units * strip.unit_bytes;
  std::uint32_t active = 0;
  for (std::uint32_t lane = 0; lane < 32 && first + lane < all; ++lane) {
    const auto address = address_of(strip, units, round, first + lane);
    if (!address) continue;
    access.mask |= 1U << lane;
    access.addresses[active++] = *address;
  }
  return access;
}

std::vector<std::uint64_t> pieces_of(const TensorStrip& strip, std::uint64_t round) {
  const std::uint32_t units = units_of_access(strip, kPieceBytes);
  std::vector<std::uint64_t> pieces;
  const std::uint32_t all = accesses_of(strip, units);
  pieces.reserve(all);
  for (std::uint32_t i = 0; i < all; ++i) {
    if (const auto address = address_of(strip, units, round, i)) pieces.push_back(*address);
  }
  return pieces;
}

}  // namespace strobe::layers
