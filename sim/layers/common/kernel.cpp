#include "sim/layers/common/kernel.h"

namespace strobe::layers {

void place_arrays(std::vector<Array>& arrays) {
  constexpr std::uint64_t kFirst = 0x7F4000000000, kBlock = 2 << 20;
  std::uint64_t next = kFirst;
  for (Array& array : arrays) {
    array.address = next;
    next += (array.bytes + kBlock - 1) / kBlock * kBlock;
  }
}

std::optional<std::uint64_t> ctas_of_share(std::uint64_t ctas, std::uint32_t shares,
                                           std::uint64_t rounds) {
  constexpr std::uint64_t kMostOver = 25;  // one in so many CTAs that are not there
  constexpr std::uint64_t kLeast = 64;     // fewer meet too few others in the L2 and the DRAM
  constexpr std::uint64_t kLeastLong = 4;  // however long they are
  constexpr std::uint64_t kMostOverOfLong = 50;
  const std::uint64_t of_share = (ctas + shares - 1) / shares;
  const std::uint64_t over = of_share * shares - ctas;
  if (of_share < kLeastLong || of_share * rounds < kLeast) return std::nullopt;
  if (over * (of_share < kLeast ? kMostOverOfLong : kMostOver) > ctas) return std::nullopt;
  return of_share;
}

std::optional<Layer> rows_of_share(const Layer& layer, std::uint64_t ctas, std::uint32_t shares) {
  const auto of_share = ctas_of_share(ctas, shares);
  if (!of_share) return std::nullopt;
  Layer part = layer;
  part.rows = *of_share;
  return part;
}

}  // namespace strobe::layers
