#pragma once

// How managed memory is divided: what the driver of a discrete GPU moves at once, and what a
// message about it can name. The sizes are those of NVIDIA's driver on x86, whose pages are 4 KiB
// (open-gpu-kernel-modules, uvm_va_block.h and uvm_perf_prefetch.c).

#include <cstdint>

#include "sim/wire/message.h"

namespace strobe::wire {

inline constexpr std::uint64_t kFaultPageBytes = 4 << 10;  // that a fault is reported of
inline constexpr std::uint64_t kBlockBytes = 64 << 10;     // that moves at least
inline constexpr std::uint64_t kRegionBytes = 2 << 20;     // that is given room and taken it
inline constexpr std::uint32_t kBlocksOfRegion = kRegionBytes / kBlockBytes;
static_assert(kBlocksOfRegion == 32, "a BlockMask has a bit for each");

// Some blocks of a region, lowest address lowest.
using BlockMask = std::uint32_t;
inline constexpr BlockMask kWholeRegion = 0xFFFF'FFFF;

constexpr std::uint64_t region_of_line(std::uint64_t line) {
  return line / (kRegionBytes / kLineBytes);
}
constexpr BlockMask block_of_line(std::uint64_t line) {
  return BlockMask{1} << line / (kBlockBytes / kLineBytes) % kBlocksOfRegion;
}
constexpr std::uint64_t page_of_line(std::uint64_t line) {
  return line / (kFaultPageBytes / kLineBytes);
}

// The blocks of `region` that [first, end) touches.
constexpr BlockMask blocks_touched(std::uint64_t region, std::uint64_t first, std::uint64_t end) {
  BlockMask mask = 0;
  for (std::uint32_t i = 0; i < kBlocksOfRegion; ++i) {
    const std::uint64_t from = region * kRegionBytes + i * kBlockBytes;
    if (from < end && first < from + kBlockBytes) mask |= BlockMask{1} << i;
  }
  return mask;
}

}  // namespace strobe::wire
