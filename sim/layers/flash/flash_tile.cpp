#include "sim/layers/flash/flash_tile.h"

#include <algorithm>

namespace strobe::layers {

using device::TensorInstruction;

namespace {

constexpr std::uint32_t kElementBytes = 2;
constexpr std::uint32_t kWarpsOfGroup = 4;

std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) {
  return (a + b - 1) / b;
}

// Depths that kernels are built for.
std::uint32_t padded(std::uint64_t depth) {
  for (const std::uint32_t known : {32U, 64U, 96U, 128U, 192U}) {
    if (depth <= known) return known;
  }
  return 256;
}

// Where an SM has less shared memory (compute capability 8.6, 8.9, 12.x), tiles are smaller, so
// that two CTAs fit there.
bool has_much_shared(const device::GpuSpec& gpu) {
  return gpu.sm.shared_max >= Bytes(160 << 10);
}

FlashTile tile_of_registers(const AttentionSizes& sizes, const device::GpuSpec& gpu) {
  const std::uint32_t depth = padded(sizes.depth);
  if (depth <= 64) return {128, 128, depth};
  if (depth <= 128) {
    if (has_much_shared(gpu)) return {128, 64, depth};
    if (sizes.causal) return {64, 64, depth};
    return depth == 96 ? FlashTile{128, 64, depth} : FlashTile{128, 32, depth};
  }
  if (has_much_shared(gpu)) return {128, 64, depth, 8};
  return {64, 32, depth};
}

FlashTile tile_of_groups(const AttentionSizes& sizes, const TensorUnit& unit) {
  const std::uint32_t depth = padded(sizes.depth);
  if (unit.instruction == TensorInstruction::tcgen05) {
    return depth <= 128 ? FlashTile{256, 128, depth, 8, 2} : FlashTile{128, 64, depth, 4, 2};
  }
  if (depth <= 64) return {192, sizes.causal ? 128U : 192U, depth, 12, 2};
  if (depth <= 96) return {192, sizes.causal ? 128U : 144U, depth, 12, 2};
  if (depth <= 128) return {128, sizes.causal ? 128U : 176U, depth, 8, 2};
  return {128, depth == 192 ? 96U : 80U, depth, 8, 2};
}

// The keys of few queries are split so that all SMs have a CTA: the least number of parts that
// keeps them within 85 % as busy as the best does (flash_api.cpp, num_splits_heuristic).
std::uint32_t parts_of(std::uint64_t ctas, std::uint64_t key_tiles, const device::GpuSpec& gpu) {
  constexpr double kEnough = 0.8, kAsGood = 0.85;
  constexpr std::uint64_t kMost = 128;
  const std::uint64_t slots = std::uint64_t{2} * gpu.sms;
  if (static_cast<double>(ctas) >= kEnough * static_cast<double>(slots)) return 1;
  const auto efficiency = [&](std::uint64_t parts) {
    const double waves = static_cast<double>(ctas * parts) / static_cast<double>(slots);
    return waves / static_cast<double>(ceil_div(ctas * parts, slots));
  };
  // Another part that leaves the longest as long is no other choice.
  const auto is_choice = [&](std::uint64_t parts) {
    return parts == 1 || ceil_div(key_tiles, parts) != ceil_div(key_tiles, parts - 1);
  };
  const std::uint64_t most = std::min({kMost, std::uint64_t{gpu.sms}, key_tiles});
  double best = 0;
  for (std::uint64_t parts = 1; parts <= most; ++parts) {
    if (is_choice(parts)) best = std::max(best, efficiency(parts));
  }
  std::uint64_t parts = 1;
  while (parts < most && (!is_choice(parts) || efficiency(parts) < kAsGood * best)) ++parts;
  return static_cast<std::uint32_t>(parts);
}

std::optional<TensorUnit> flash_unit(const Layer& layer, const device::GpuSpec& gpu) {
  if (bits_of(layer.type) != 16) return std::nullopt;
  const std::optional<TensorUnit> unit = tensor_unit(layer.type, gpu);
  return unit && unit->copies_ahead() ? unit : std::nullopt;
}

// run_mha_bwd_hdim*; where shared memory is short, shorter tiles.
FlashTile backward_tile(std::uint32_t depth, const TensorUnit& unit, const device::GpuSpec& gpu) {
  if (unit.instruction == TensorInstruction::tcgen05 && depth <= 128) {
    return {depth <= 64 ? 128U : 64U, 128, depth, 8, 2};
  }
  const bool has_much = has_much_shared(gpu);
  if (depth <= 64) return {has_much ? 128U : 64U, 128, depth, 8, 2};
  if (depth <= 128) return {64, has_much ? 128U : 64U, depth, 8, 2};
  return has_much ? FlashTile{64, 64, depth, 8, 2} : FlashTile{32, 32, depth, 8, 2};
}

}  // namespace

std::optional<FlashPlan> flash_backward_plan(const Layer& layer, const device::GpuSpec& gpu) {
  const std::optional<TensorUnit> unit = flash_unit(layer, gpu);
  if (!unit) return std::nullopt;
  return FlashPlan{*unit, backward_tile(padded(layer.attention.depth), *unit, gpu), 1};
}

std::optional<FlashPlan> flash_plan(const Layer& layer, const device::GpuSpec& gpu) {
  const std::optional<TensorUnit> unit = flash_unit(layer, gpu);
  if (!unit) return std::nullopt;
  const AttentionSizes& sizes = layer.attention;
  FlashPlan plan{*unit, {}, 1};
  plan.tile = unit->is_grouped() ? tile_of_groups(sizes, *unit) : tile_of_registers(sizes, gpu);
  const std::uint64_t ctas = sizes.batch * sizes.heads * ceil_div(sizes.queries, plan.tile.queries);
  const std::uint64_t key_tiles = ceil_div(sizes.keys, plan.tile.keys);
  plan.parts = sizes.splits > 0 ? static_cast<std::uint32_t>(std::min(sizes.splits, key_tiles))
                                : parts_of(ctas, key_tiles, gpu);
  return plan;
}

std::uint32_t threads_of(const FlashPlan& plan) {
  // A group of four warps is there for the one that copies.
  const std::uint32_t copying = plan.unit.is_grouped() ? kWarpsOfGroup : 0;
  return (plan.tile.warps + copying) * 32;
}

// Sums, scores and weights, fragments and about forty for the rest; groups have what setmaxnreg
// leaves them, which is all of the SM.
std::uint32_t registers_of(const FlashPlan& plan) {
  constexpr std::uint32_t kMost = 255, kOthers = 40, kRegistersOfSm = 65536;
  const FlashTile& tile = plan.tile;
  if (plan.unit.is_grouped()) return kRegistersOfSm / threads_of(plan) / 8 * 8;
  const std::uint32_t rows = tile.rows(plan.unit);
  const std::uint32_t sums = rows * tile.depth / 32, scores = rows * tile.keys / 32;
  const std::uint32_t fragments = 2 * (rows + tile.keys) / 4;
  return std::min(sums + scores + scores / 2 + fragments + kOthers, kMost);
}

std::uint32_t shared_bytes_of(const FlashPlan& plan) {
  const FlashTile& tile = plan.tile;
  return (tile.queries + 2 * tile.stages * tile.keys) * tile.depth * kElementBytes;
}

// Keys, values, two tiles of queries and one of the outputs' gradients, weights and their
// gradients.
std::uint32_t backward_shared_bytes_of(const FlashTile& tile) {
  return ((2 * tile.keys + 3 * tile.queries) * tile.depth + 2 * tile.queries * tile.keys) *
         kElementBytes;
}

TensorWork flash_work(const FlashPlan& plan, std::uint32_t rows, std::uint32_t columns) {
  TensorTile tile;
  tile.rows = tile.part_rows = rows;
  tile.columns = tile.part_columns = columns;
  return work_of_step(tile, plan.unit);
}

}  // namespace strobe::layers
