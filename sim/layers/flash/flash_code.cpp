#include "sim/layers/flash/flash_code.h"

#include <algorithm>

namespace strobe::layers {

using trace::Op;
using trace::Space;

namespace {

// Pairs: of halves of a tile, of fragments, or of a tile and the next.
constexpr Register kAddress = 2, kMaximum = 4, kRowSum = 5, kScale = 6, kScores = 16, kSums = 18,
                   kFragments = 24, kWeights = 28;
constexpr std::uint32_t kReadBytes = 512;  // of an LDSM.x4
constexpr std::uint32_t kStepBytes = 32;   // along k, of one instruction that multiplies
constexpr std::uint32_t kElementBytes = 2, kStepElements = kStepBytes / kElementBytes;

Register of_two(Register first, std::uint64_t index) {
  return static_cast<Register>(first + index % 2);
}

std::uint32_t reads_of(std::uint32_t lines) {
  return (lines * kStepBytes + kReadBytes - 1) / kReadBytes;
}

}  // namespace

TensorStrip at_tile(const TensorStrip& first, std::uint64_t tile) {
  TensorStrip strip = first;
  strip.first += tile * strip.extent;
  return strip;
}

void copy_tile(WarpCode& code, const TensorStrip& tile, std::uint32_t warp, std::uint32_t warps) {
  const std::uint32_t all = accesses_of(tile, units_of_access(tile, kLaneBytes));
  for (std::uint32_t first = warp * 32; first < all; first += warps * 32) {
    const StripAccess access = access_of(tile, 0, first);
    code.copy_to_shared(kAddress, {access.mask, 0, 0, access.bytes});
    code.list_addresses(access.addresses.data());
  }
}

void bring_tile(WarpCode& code, const TensorStrip& tile) {
  code.arithmetic(Op::integer, kAddress, {kAddress}, 2);
  code.copy_pieces_to_shared(kAddress, pieces_of(tile, 0),
                             units_of_access(tile, kPieceBytes) * tile.unit_bytes);
}

void FlashCode::attend(const FlashWork& work, std::uint32_t warp) {
  chain(code_, Op::integer, kAddress, 6);
  code_.arithmetic(Op::integer, kAddress, {kAddress}, 20);
  if (plan_.unit.is_grouped()) {
    attend_from_shared(work);
  } else {
    attend_from_registers(work, warp);
  }
}

// Values are on their way while the scores are made, the next keys while the weights are.
void FlashCode::attend_from_registers(const FlashWork& work, std::uint32_t warp) {
  code_.arithmetic(Op::integer, kSums, {}, rows() * plan_.tile.depth / lanes());
  copy_tile(code_, work.queries, warp, plan_.tile.warps);
  copy_tile(code_, at_tile(work.keys, work.last_tile), warp, plan_.tile.warps);
  code_.control(Op::copy_commit);
  for (std::uint64_t i = 0; i < work.tiles; ++i) {
    await_copies();
    copy_tile(code_, at_tile(work.values, work.last_tile - i), warp, plan_.tile.warps);
    code_.control(Op::copy_commit);
    multiply_scores();
    await_copies();
    if (i + 1 < work.tiles) {
      copy_tile(code_, at_tile(work.keys, work.last_tile - i - 1), warp, plan_.tile.warps);
      code_.control(Op::copy_commit);
    }
    exponentials(i, i < work.masked_tiles);
    if (i > 0) scale_sums();
    multiply_values();
    code_.arithmetic(Op::integer, kAddress, {kAddress}, 4);
    code_.control(Op::branch);
  }
}

void FlashCode::await_copies() {
  code_.control(Op::copy_wait, 0);
  code_.control(Op::barrier);
}

// Queries are read again for every tile: their fragments would take the registers of the sums.
void FlashCode::multiply_scores() {
  const FlashTile& tile = plan_.tile;
  const TensorWork work = flash_work(plan_, rows(), tile.keys);
  const std::uint32_t steps = tile.depth / kStepElements, half = work.count / 2;
  const auto read = [&](std::uint32_t step) {
    code_.load<Space::shared>(of_two(kFragments, step), kAddress,
                              {0xFFFFFFFF, 0, kLaneBytes, kLaneBytes});
    code_.repeat(reads_of(rows()) + reads_of(tile.keys));
  };
  read(0);
  for (std::uint32_t step = 0; step < steps; ++step) {
    if (step + 1 < steps) read(step + 1);
    code_.tensor(work.step, kScores, {of_two(kFragments, step)}, work.count - half);
    code_.tensor(work.step, kScores + 1, {of_two(kFragments, step)}, half);
  }
}

void FlashCode::multiply_values() {
  const FlashTile& tile = plan_.tile;
  const TensorWork work = flash_work(plan_, rows(), tile.depth);
  const std::uint32_t steps = tile.keys / kStepElements, half = work.count / 2;
  const auto read = [&](std::uint32_t step) {
    code_.load<Space::shared>(of_two(kFragments, step), kAddress,
                              {0xFFFFFFFF, 0, kLaneBytes, kLaneBytes});
    code_.repeat(reads_of(tile.depth));
  };
  read(0);
  for (std::uint32_t step = 0; step < steps; ++step) {
    if (step + 1 < steps) read(step + 1);
    code_.tensor(work.step, kSums, {kWeights, of_two(kFragments, step)}, work.count - half);
    code_.tensor(work.step, kSums + 1, {kWeights, of_two(kFragments, step)}, half);
  }
}

// Two scores at a time, as they are packed: while the exponentials of a pair are made, the next
// ones are scaled and the last ones added.
void FlashCode::exponentials(std::uint64_t tile, bool is_masked) {
  const std::uint32_t scores = rows() * plan_.tile.keys / lanes();
  const std::uint32_t of_row = plan_.unit.is_grouped() && rows() == 128 ? 1 : 4;  // its lanes
  const std::uint32_t rows_of_thread = rows() * of_row / lanes();
  if (is_masked) code_.arithmetic(Op::integer, kScores, {kScores, of_two(kScores, 1)}, 2 * scores);
  code_.arithmetic(Op::integer, kMaximum, {kScores, of_two(kScores, 1)}, scores);
  for (std::uint32_t exchange = 1; exchange < of_row; exchange *= 2) {
    code_.load<Space::shared>(kScale, kMaximum, {0xFFFFFFFF, 0, 4, 4});
    code_.repeat(rows_of_thread);
    code_.arithmetic(Op::integer, kMaximum, {kMaximum, kScale}, rows_of_thread);
  }
  code_.arithmetic(Op::fp32, kScale, {kMaximum}, 2 * rows_of_thread);
  code_.arithmetic(Op::special, kScale, {kScale}, rows_of_thread);
  code_.arithmetic(Op::fp32, kRowSum, {kRowSum, kScale}, rows_of_thread);
  const Register weights = plan_.unit.is_grouped() ? of_two(kWeights, tile) : kWeights;
  constexpr Register kPair = 8;
  for (std::uint32_t pair = 0; pair <= scores / 2; ++pair) {
    const bool ends = pair == scores / 2;
    if (!ends) code_.arithmetic(Op::fp32, of_two(kPair, pair), {kScores, kMaximum}, 2);
    if (!ends) code_.arithmetic(Op::special, of_two(kPair, pair), {of_two(kPair, pair)}, 2);
    if (pair == 0) continue;
    code_.arithmetic(Op::fp32, kRowSum, {of_two(kPair, pair + 1)}, 2);
    code_.arithmetic(Op::integer, weights, {of_two(kPair, pair + 1)});
  }
}

void FlashCode::scale_sums() {
  if (!keeps_sums()) return;
  const std::uint32_t sums = rows() * plan_.tile.depth / lanes();
  code_.arithmetic(Op::fp32, kSums, {kSums, kScale}, sums / 2);
  code_.arithmetic(Op::fp32, kSums + 1, {kSums + 1, kScale}, sums - sums / 2);
}

// On Blackwell the sums lie in the tensor memory, and are scaled only when the maximum has grown by
// so much that they could overflow, which is hardly ever (FlashAttention 4).
bool FlashCode::keeps_sums() const {
  return plan_.unit.instruction != device::TensorInstruction::tcgen05;
}

// One product of a group, all steps along k. Weights come from registers, or from the tensor
// memory.
void FlashCode::multiply_group(std::uint32_t columns, std::uint32_t k, Register to, Register from) {
  TensorWork work = flash_work(plan_, rows(), columns);
  if (from != kAddress) work.step.shared_bytes = std::uint64_t{columns} * kStepBytes / 4;
  code_.tensor(work.step, to, {from}, work.count * k / kStepElements);
}

// The scores of the next tile are under way while the values of this one are summed, and the next
// weights are made meanwhile (FlashAttention 3, algorithm 2). Copies come in the order keys,
// values, keys, ...; so many of their groups are awaited.
void FlashCode::attend_from_shared(const FlashWork& work) {
  const FlashTile& tile = plan_.tile;
  const auto await = [&](std::uint64_t groups) {
    code_.control(Op::await_copies, static_cast<std::int32_t>(groups));
  };
  await(1);
  multiply_group(tile.keys, tile.depth, kScores, kAddress);
  exponentials(0, work.masked_tiles > 0);
  code_.control(Op::arrive);
  for (std::uint64_t i = 0; i < work.tiles; ++i) {
    const bool is_last = i + 1 == work.tiles;
    if (!is_last) {
      await(2 * i + 3);
      multiply_group(tile.keys, tile.depth, kScores, kAddress);
    }
    await(2 * i + 2);
    multiply_group(tile.depth, tile.keys, kSums, of_two(kWeights, i));
    if (!is_last) {
      exponentials(i + 1, i + 1 < work.masked_tiles);
      code_.control(Op::arrive);
      scale_sums();
    }
    code_.arithmetic(Op::integer, kAddress, {kSums}, 3);
    code_.control(Op::arrive);
    code_.control(Op::branch);
  }
}

// A tile of keys is overwritten when all warps have made their scores with it, one of values when
// they have added it, which they do after the scores of the next.
void FlashCode::copy(const FlashWork& work) {
  const auto warps = static_cast<std::int32_t>(plan_.tile.warps);
  chain(code_, Op::integer, kAddress, 6);
  bring_tile(code_, work.queries);
  for (std::uint64_t i = 0; i < work.tiles; ++i) {
    const auto freed = static_cast<std::int32_t>(i) - static_cast<std::int32_t>(plan_.tile.stages);
    if (freed >= 0) code_.control(Op::await_arrivals, std::max(2 * freed, 1) * warps);
    bring_tile(code_, at_tile(work.keys, work.last_tile - i));
    code_.control(Op::copy_commit);
    if (freed >= 0) code_.control(Op::await_arrivals, (2 * freed + 3) * warps);
    bring_tile(code_, at_tile(work.values, work.last_tile - i));
    code_.control(Op::copy_commit);
    code_.control(Op::branch);
  }
}

void FlashCode::finish() {
  const std::uint32_t sums = rows() * plan_.tile.depth / lanes();
  shuffle(code_, kRowSum);
  shuffle(code_, kRowSum);
  code_.arithmetic(Op::special, kScale, {kRowSum}, std::max(rows() * 4 / lanes(), 1U));
  code_.arithmetic(Op::fp32, kSums, {kSums, kSums + 1, kScale}, sums);
  code_.arithmetic(Op::integer, kSums, {kSums}, sums / 2);
  const std::uint32_t vectors = std::max(sums * kElementBytes / kLaneBytes, 1U);
  code_.store<Space::shared>(kSums, kAddress, {0xFFFFFFFF, 0, kLaneBytes, kLaneBytes});
  code_.repeat(vectors);
  code_.load<Space::shared>(kSums, kAddress, {0xFFFFFFFF, 0, kLaneBytes, kLaneBytes});
  code_.repeat(vectors);
}

void FlashCode::store(const TensorStrip& lines) {
  const std::uint32_t all = accesses_of(lines, units_of_access(lines, kLaneBytes));
  for (std::uint32_t first = 0; first < all; first += 32) {
    const StripAccess access = access_of(lines, 0, first);
    if (access.mask == 0) continue;
    code_.store(kSums, kAddress, {access.mask, 0, 0, access.bytes});
    code_.list_addresses(access.addresses.data());
  }
}

void FlashCode::store_rows(std::uint64_t address, std::uint64_t count) {
  for (std::uint64_t row = 0; row < count; row += 32) {
    code_.store(kRowSum, kAddress, {first_lanes(count - row), address + row * 4, 4, 4});
  }
}

}  // namespace strobe::layers
