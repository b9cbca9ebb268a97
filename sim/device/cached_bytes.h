#pragma once

// How much of what a kernel has touched the next one finds in front of the DRAM: as the L2 holds,
// or the system-level cache behind it where that is larger and takes in what the GPU asks for. The
// two do not add up, because what the L2 reads has come through the other.

#include <algorithm>
#include <cstdint>

#include "sim/device/spec.h"

namespace strobe::device {

inline std::uint64_t cached_bytes(const GpuSpec& gpu) {
  const auto l2 = static_cast<std::uint64_t>(gpu.l2.capacity.count()) * gpu.slices;
  if (!gpu.memory.system_cache || !gpu.memory.system_cache->keeps_all) return l2;
  const auto bank = static_cast<std::uint64_t>(gpu.memory.system_cache->capacity.count());
  const std::uint32_t banks = gpu.memory.channels * gpu.memory.part.geometry.pseudo_channels;
  return std::max(l2, bank * banks);
}

}  // namespace strobe::device
