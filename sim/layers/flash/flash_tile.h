#pragma once

// How a fused attention kernel lies on the tensor cores: the queries that a CTA takes, the keys
// that it takes of them at a time, and how its warps share the queries.
//
// The tiles are those of the libraries: FlashAttention 2 (T. Dao 2023, arXiv 2307.08691; github
// Dao-AILab/flash-attention, flash_fwd_launch_template.h) where a warp multiplies from its
// registers, FlashAttention 3 (Shah et al. 2024, arXiv 2407.08608; hopper/tile_size.h) on Hopper,
// FlashAttention 4's two tiles of 128 queries (github, flash_attn/cute) on Blackwell of the data
// centre.

#include <cstdint>
#include <optional>

#include "sim/device/spec.h"
#include "sim/layers/common/layer.h"
#include "sim/layers/products/tensor_tile.h"

namespace strobe::layers {

struct FlashTile {
  std::uint32_t queries = 0, keys = 0;
  std::uint32_t depth = 0;   // of a head, as the kernel pads it
  std::uint32_t warps = 4;   // that multiply
  std::uint32_t stages = 1;  // tiles of keys, and of values, in shared memory

  // Queries of a warp, or of the four warps that multiply together.
  std::uint32_t rows(const TensorUnit& unit) const {
    return unit.is_grouped() ? 4 * queries / warps : queries / warps;
  }
};

struct FlashPlan {
  TensorUnit unit;
  FlashTile tile;
  std::uint32_t parts = 1;  // of the keys, each in a CTA of its own, added up by another kernel
};

// Nothing where no such kernel exists: for types of other than sixteen bits, and on GPUs from
// before asynchronous copies (Pascal, Volta, Turing) or without tensor cores.
std::optional<FlashPlan> flash_plan(const Layer& layer, const device::GpuSpec& gpu);

// The same for the gradients. The tile's `keys` are those that a CTA keeps, its `queries` are what
// it takes of them at a time.
std::optional<FlashPlan> flash_backward_plan(const Layer& layer, const device::GpuSpec& gpu);

// 32-bit registers of a thread, threads and bytes of shared memory of a CTA.
std::uint32_t registers_of(const FlashPlan& plan);
std::uint32_t threads_of(const FlashPlan& plan);
std::uint32_t shared_bytes_of(const FlashPlan& plan);
std::uint32_t backward_shared_bytes_of(const FlashTile& tile);

// What the tensor cores do at one of the instructions of a warp that multiply `rows` times
// `columns` outputs, one step along k, and how many of them there are.
TensorWork flash_work(const FlashPlan& plan, std::uint32_t rows, std::uint32_t columns);

}  // namespace strobe::layers
