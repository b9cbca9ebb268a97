#include "sim/layers/products/tensor_tile.h"

#include <algorithm>

namespace strobe::layers {

using device::TensorInstruction;

namespace {

constexpr std::uint32_t kWarpsOfGroup = 4;  // one on each sub-partition

std::uint32_t ceil_div(std::uint32_t a, std::uint32_t b) {
  return (a + b - 1) / b;
}

std::uint32_t rate_of(DataType type, const device::TensorRates& rates) {
  switch (type) {
    case DataType::fp32:
      return 0;
    case DataType::tf32:
      return rates.tf32;
    case DataType::fp16:
      return rates.fp16;
    case DataType::bf16:
      return rates.bf16;
    case DataType::int8:
      return rates.int8;
    case DataType::fp8:
      return rates.fp8;
    case DataType::nvfp4:
    case DataType::mxfp4:
      break;
  }
  return rates.fp4;
}

// Multiply-adds of one instruction of a warp.
std::uint32_t products_of(const TensorUnit& unit) {
  if (unit.instruction == TensorInstruction::hmma_884) return 256;
  return 16 * 8 * unit.step_bytes() * 8 / unit.bits;
}

}  // namespace

std::uint32_t TensorUnit::step_bytes() const {
  if (instruction == TensorInstruction::hmma_884) return 8;
  return instruction == TensorInstruction::hmma_1688 ? 16 : 32;
}

std::optional<TensorUnit> tensor_unit(DataType type, const device::GpuSpec& gpu) {
  const TensorUnit unit{gpu.tensor.instruction, rate_of(type, gpu.tensor), bits_of(type)};
  if (unit.instruction == TensorInstruction::none || unit.operations == 0) return std::nullopt;
  return unit;
}

std::uint32_t multiplying_warps(const TensorTile& tile, const TensorUnit& unit) {
  return tile.parts() * (unit.is_grouped() ? kWarpsOfGroup : 1);
}

// Where warps multiply in groups, another group copies; on Hopper it is a whole one, because
// registers are given to groups (setmaxnreg), of which one warp works.
std::uint32_t threads_of(const TensorTile& tile, const TensorUnit& unit) {
  std::uint32_t warps = multiplying_warps(tile, unit);
  if (unit.instruction == TensorInstruction::wgmma) warps += kWarpsOfGroup;
  if (unit.instruction == TensorInstruction::tcgen05) warps += 2;
  return warps * 32;
}

// Sums, two sets of fragments, what is on its way, and about forty for addresses and counts. Groups
// have no fragments; on Blackwell the sums lie in the tensor memory.
std::uint32_t registers_of(const TensorTile& tile, const TensorUnit& unit) {
  constexpr std::uint32_t kAddresses = 40, kMost = 255;
  if (unit.instruction == TensorInstruction::tcgen05) return 128;
  const std::uint32_t sums = tile.part_rows * tile.part_columns / (unit.is_grouped() ? 128 : 32);
  if (unit.is_grouped()) {
    // All warps start with the same share, and the copying group gives most of its own away.
    const std::uint32_t groups = tile.parts();
    const std::uint32_t all = groups * std::min(sums + kAddresses, 240U) + 40;
    return ceil_div(ceil_div(all, groups + 1), 8) * 8;
  }
  const std::uint32_t fragments =
      2 * (tile.part_rows + tile.part_columns) * unit.step_bytes() / 128;
  const std::uint32_t on_the_way =
      unit.copies_ahead() ? 0
                          : (tile.rows + tile.columns) * tile.depth / (4 * threads_of(tile, unit));
  return std::min(sums + fragments + on_the_way + kAddresses, kMost);
}

std::uint32_t shared_bytes_of(const TensorTile& tile) {
  const std::uint32_t columns = tile.pairs ? tile.columns / 2 : tile.columns;
  return tile.stages * (tile.rows + columns) * tile.depth;
}

std::uint32_t fragment_reads(const TensorTile& tile, const TensorUnit& unit) {
  constexpr std::uint32_t kReadBytes = 512;  // of an LDSM.x4, and of a 128-bit access of 32 lanes
  const std::uint32_t copies = unit.instruction == TensorInstruction::hmma_884 ? 2 : 1;
  const std::uint32_t of_line = copies * unit.step_bytes();
  return ceil_div(tile.part_rows * of_line, kReadBytes) +
         ceil_div(tile.part_columns * of_line, kReadBytes);
}

TensorWork work_of_step(const TensorTile& tile, const TensorUnit& unit) {
  const std::uint32_t products =
      tile.part_rows * tile.part_columns * (unit.step_bytes() * 8 / unit.bits);
  TensorWork work;
  if (unit.is_grouped()) {
    // WGMMA takes 64 rows at a time, and all columns of its part for each of them; where a part
    // has fewer rows, the product is made the other way round. tcgen05.mma takes 128.
    const std::uint32_t across = unit.instruction == TensorInstruction::wgmma ? 64 : 128;
    const bool by_rows = tile.part_rows >= 64;
    const std::uint32_t rows = by_rows ? tile.part_rows : tile.part_columns;
    const std::uint32_t columns = by_rows ? tile.part_columns : tile.part_rows;
    work.count = ceil_div(rows, across);
    const std::uint32_t held = tile.pairs ? columns / 2 : columns;
    work.step.cycles = std::max(ceil_div(2 * products, unit.operations * work.count), 1U);
    work.step.shared_bytes =
        std::uint64_t{rows / work.count + held} * unit.step_bytes() / kWarpsOfGroup;
    return work;
  }
  work.count = std::max(products / products_of(unit), 1U);
  work.step.cycles = std::max(2 * products_of(unit) * kWarpsOfGroup / unit.operations, 1U);
  return work;
}

}  // namespace strobe::layers
