#include "sim/layers/flash/flash_backward_code.h"

#include <algorithm>

#include "sim/layers/flash/flash_code.h"

namespace strobe::layers {

using trace::Op;
using trace::Space;

namespace {

constexpr Register kAddress = 2, kRowFacts = 4, kFragments = 8, kScores = 16, kWeightGradients = 18,
                   kKeySums = 20, kValueSums = 22, kQuerySums = 24, kWeights = 28, kPair = 32;
constexpr std::uint32_t kReadBytes = 512;  // of an LDSM.x4, and of a 128-bit access of 32 lanes
constexpr std::uint32_t kStepBytes = 32;   // along k, of one instruction that multiplies
constexpr std::uint32_t kElementBytes = 2, kStepElements = kStepBytes / kElementBytes;

Register of_two(Register first, std::uint64_t index) {
  return static_cast<Register>(first + index % 2);
}

std::uint32_t ceil_div(std::uint32_t a, std::uint32_t b) {
  return (a + b - 1) / b;
}

}  // namespace

// Queries and the outputs' gradients of a tile are on their way while the one before is worked on.
void FlashBackwardCode::go_back(const FlashBackwardWork& work, std::uint32_t warp) {
  const FlashTile& tile = plan_.tile;
  const bool copies = !plan_.unit.is_grouped();
  chain(code_, Op::integer, kAddress, 6);
  code_.arithmetic(Op::integer, kAddress, {kAddress}, 24);
  if (copies) {
    for (const TensorStrip* strip : {&work.keys, &work.values})
      copy_tile(code_, *strip, warp, plan_.tile.warps);
    copy_tile(code_, at_tile(work.queries, work.first_tile), warp, plan_.tile.warps);
    copy_tile(code_, at_tile(work.gradients, work.first_tile), warp, plan_.tile.warps);
    code_.control(Op::copy_commit);
  }
  for (std::uint64_t i = 0; i < work.tiles; ++i) {
    const std::uint64_t next = work.first_tile + i + 1, row = (next - 1) * tile.queries;
    await_tile(i);
    if (copies && i + 1 < work.tiles)
      copy_tile(code_, at_tile(work.queries, next), warp, plan_.tile.warps);
    multiply(tile.queries, tile.keys, tile.depth, kScores);
    make_weights(i < work.masked_tiles, work.row_facts + row * 4);
    multiply(tile.queries, tile.keys, tile.depth, kWeightGradients);
    make_gradients();
    // Groups wait for each other at barriers of their own, the copying warp aside: left out.
    if (copies) code_.control(Op::barrier);
    multiply(tile.keys, tile.depth, tile.queries, kValueSums);
    if (copies) code_.control(Op::barrier);
    if (copies && i + 1 < work.tiles)
      copy_tile(code_, at_tile(work.gradients, next), warp, plan_.tile.warps);
    if (copies) code_.control(Op::copy_commit);
    multiply(tile.queries, tile.depth, tile.keys, kQuerySums);
    multiply(tile.keys, tile.depth, tile.queries, kKeySums);
    add_to_queries(work.query_sums + row * tile.depth * 4, warp);
    free_tile();
    code_.arithmetic(Op::integer, kAddress, {kAddress}, 4);
    code_.control(Op::branch);
  }
}

void FlashBackwardCode::await_tile(std::uint64_t copies) {
  if (plan_.unit.is_grouped()) {
    code_.control(Op::await_copies, static_cast<std::int32_t>(copies) + 1);
    return;
  }
  code_.control(Op::copy_wait, 0);
  code_.control(Op::barrier);
}

void FlashBackwardCode::free_tile() {
  if (!plan_.unit.is_grouped()) return;
  code_.arithmetic(Op::integer, kAddress, {kKeySums, kQuerySums});
  code_.control(Op::arrive);
}

// Warps lie four by two on what a CTA multiplies; groups share the longer side.
void FlashBackwardCode::multiply(std::uint32_t rows, std::uint32_t columns, std::uint32_t k,
                                 Register to) {
  if (!plan_.unit.is_grouped()) return multiply_from_registers(rows, columns, k, to);
  const std::uint32_t groups = plan_.tile.warps / 4;
  const bool by_rows = rows >= columns;
  const TensorWork work = by_rows ? flash_work(plan_, rows / groups, columns)
                                  : flash_work(plan_, rows, columns / groups);
  code_.arithmetic(Op::integer, kAddress, {}, 3);  // descriptors of both sides
  code_.tensor(work.step, to, {kAddress}, work.count * k / kStepElements);
}

void FlashBackwardCode::multiply_from_registers(std::uint32_t rows, std::uint32_t columns,
                                                std::uint32_t k, Register to) {
  const TensorWork work = flash_work(plan_, rows, columns);
  const std::uint32_t of_warp = std::max(work.count / plan_.tile.warps, 1U), half = of_warp / 2;
  const std::uint32_t reads =
      ceil_div(rows / 4 * kStepBytes, kReadBytes) + ceil_div(columns / 2 * kStepBytes, kReadBytes);
  for (std::uint32_t step = 0; step < k / kStepElements; ++step) {
    code_.load<Space::shared>(of_two(kFragments, step), kAddress,
                              {0xFFFFFFFF, 0, kLaneBytes, kLaneBytes});
    code_.repeat(reads);
    code_.tensor(work.step, to, {of_two(kFragments, step)}, of_warp - half);
    if (half > 0) {
      code_.tensor(work.step, static_cast<Register>(to + 1), {of_two(kFragments, step)}, half);
    }
  }
}

// Two at a time, as they are packed: while the exponentials of a pair are made, the next ones are
// scaled.
void FlashBackwardCode::make_weights(bool is_masked, std::uint64_t row_facts) {
  code_.load(kRowFacts, kAddress, {0xFFFFFFFF, row_facts, 4, 4});
  const Register second = kScores + 1;
  if (is_masked) code_.arithmetic(Op::integer, kScores, {kScores, second}, 2 * scores());
  for (std::uint32_t pair = 0; pair <= scores() / 2; ++pair) {
    if (pair < scores() / 2) {
      code_.arithmetic(Op::fp32, of_two(kPair, pair), {kScores, second, kRowFacts}, 2);
      code_.arithmetic(Op::special, of_two(kPair, pair), {of_two(kPair, pair)}, 2);
    }
    if (pair > 0) code_.arithmetic(Op::integer, kWeights, {of_two(kPair, pair + 1)});
  }
}

void FlashBackwardCode::make_gradients() {
  const Register second = kWeightGradients + 1;
  code_.arithmetic(Op::fp32, kWeightGradients, {kWeightGradients, second, kWeights}, 2 * scores());
  code_.arithmetic(Op::integer, kWeightGradients, {kWeightGradients}, scores() / 2);
  const std::uint32_t stores = ceil_div(scores() * 32 * kElementBytes, kReadBytes);
  for (const Register value : {kWeights, kWeightGradients}) {
    code_.store<Space::shared>(value, kAddress, {0xFFFFFFFF, 0, kLaneBytes, kLaneBytes});
    code_.repeat(stores);
  }
}

// The tile's rows lie one after another in what all CTAs of the head add to.
void FlashBackwardCode::add_to_queries(std::uint64_t address, std::uint32_t warp) {
  const FlashTile& tile = plan_.tile;
  const std::uint32_t sums = tile.queries * tile.depth / (tile.warps * 32);
  for (std::uint32_t i = 0; i < sums; ++i) {
    const std::uint64_t first = (std::uint64_t{warp} * sums + i) * 32;
    code_.add_up(of_two(kQuerySums, i), kAddress, {0xFFFFFFFF, address + first * 4, 4, 4});
  }
}

void FlashBackwardCode::copy(const FlashBackwardWork& work) {
  const auto warps = static_cast<std::int32_t>(plan_.tile.warps);
  chain(code_, Op::integer, kAddress, 6);
  bring_tile(code_, work.keys);
  bring_tile(code_, work.values);
  for (std::uint64_t i = 0; i < work.tiles; ++i) {
    const auto freed = static_cast<std::int32_t>(i) - static_cast<std::int32_t>(plan_.tile.stages);
    if (freed >= 0) code_.control(Op::await_arrivals, (freed + 1) * warps);
    bring_tile(code_, at_tile(work.queries, work.first_tile + i));
    bring_tile(code_, at_tile(work.gradients, work.first_tile + i));
    code_.control(Op::copy_commit);
    code_.control(Op::branch);
  }
}

void FlashBackwardCode::store(const TensorStrip& lines) {
  const std::uint32_t all = accesses_of(lines, units_of_access(lines, kLaneBytes));
  code_.arithmetic(Op::integer, kKeySums, {kKeySums, kValueSums}, ceil_div(all, 8));
  code_.store<Space::shared>(kKeySums, kAddress, {0xFFFFFFFF, 0, kLaneBytes, kLaneBytes});
  code_.repeat(std::max(all / 32, 1U));
  code_.load<Space::shared>(kKeySums, kAddress, {0xFFFFFFFF, 0, kLaneBytes, kLaneBytes});
  code_.repeat(std::max(all / 32, 1U));
  for (std::uint32_t first = 0; first < all; first += 32) {
    const StripAccess access = access_of(lines, 0, first);
    if (access.mask == 0) continue;
    code_.store(kKeySums, kAddress, {access.mask, 0, 0, access.bytes});
    code_.list_addresses(access.addresses.data());
  }
}

}  // namespace strobe::layers
