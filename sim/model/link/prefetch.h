#pragma once

// Which blocks of a region of managed memory move when some of them were faulted on: NVIDIA's
// driver takes the regions as binary trees of 64 KiB blocks and, for each block that was faulted
// on, the largest subtree of which more than a threshold is there or faulted on
// (uvm_perf_prefetch.c of open-gpu-kernel-modules; T. Allen and R. Ge, "In-Depth Analyses of
// Unified Virtual Memory System for GPU Accelerated Computing", SC 2021).

#include <bit>

#include "sim/wire/pages.h"

namespace strobe::link {

// `threshold` in per cent. At 100 nothing but what was faulted on moves.
constexpr wire::BlockMask blocks_to_move(wire::BlockMask there, wire::BlockMask faulted,
                                         std::uint32_t threshold) {
  const wire::BlockMask taken = there | faulted;
  wire::BlockMask wanted = faulted;
  for (std::uint32_t block = 0; block < wire::kBlocksOfRegion; ++block) {
    if ((faulted >> block & 1) == 0) continue;
    for (std::uint32_t size = wire::kBlocksOfRegion; size > 1; size /= 2) {
      const wire::BlockMask of_size = wire::kWholeRegion >> (wire::kBlocksOfRegion - size);
      const wire::BlockMask subtree = of_size << block / size * size;
      const auto count = static_cast<std::uint32_t>(std::popcount(taken & subtree));
      if (count * 100 <= size * threshold) continue;
      wanted |= subtree;
      break;
    }
  }
  return wanted & ~there;
}

}  // namespace strobe::link
