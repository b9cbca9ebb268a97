#include "sim/layers/common/warp_code.h"

#include <algorithm>
#include <bit>

#include "sim/base/check.h"

namespace strobe::layers {

using trace::Instruction;
using trace::Op;
using trace::Space;

std::uint32_t first_lanes(std::uint64_t count) {
  return count >= trace::kWarpLanes ? 0xFFFFFFFF : (std::uint32_t{1} << count) - 1;
}

void WarpCode::start_warp() {
  cta_.warps.push_back({static_cast<std::uint32_t>(cta_.instructions.size()), 0});
}

void WarpCode::end_warp() {
  add(Op::exit, kNone, {});
  trace::Warp& warp = cta_.warps.back();
  warp.count = static_cast<std::uint32_t>(cta_.instructions.size()) - warp.first;
}

void WarpCode::arithmetic(Op op, Register destination, std::initializer_list<Register> sources,
                          std::uint32_t count, std::uint32_t operands) {
  if (count == 0) return;
  Instruction& instruction = add(op, destination, sources);
  instruction.immediate = static_cast<std::int32_t>(operands);
  instruction.bulk_count = static_cast<std::uint16_t>(count == 1 ? 0 : count);
}

void WarpCode::tensor(const TensorStep& step, Register destination,
                      std::initializer_list<Register> sources, std::uint32_t count) {
  arithmetic(Op::tensor, destination, sources, count);
  cta_.instructions.back().immediate = static_cast<std::int32_t>(step.cycles);
  cta_.instructions.back().base = step.shared_bytes;
}

void WarpCode::control(Op op, std::int32_t count) {
  add(op, kNone, {}).immediate = count;
}

void WarpCode::copy_pieces_to_shared(Register address, const std::vector<std::uint64_t>& pieces,
                                     std::uint32_t bytes) {
  if (pieces.empty()) return;
  Instruction& instruction = add(Op::async_copy, kNone, {address});
  instruction.space = Space::global;
  instruction.active_mask = 1;
  instruction.access_bytes = static_cast<std::uint8_t>(bytes);
  instruction.immediate = 1;
  instruction.bulk_count = static_cast<std::uint16_t>(pieces.size());
  instruction.listed = true;
  instruction.first_address = static_cast<std::uint32_t>(cta_.addresses.size());
  cta_.addresses.insert(cta_.addresses.end(), pieces.begin(), pieces.end());
}

void WarpCode::list_addresses(const std::uint64_t* addresses) {
  Instruction& instruction = cta_.instructions.back();
  instruction.listed = true;
  instruction.first_address = static_cast<std::uint32_t>(cta_.addresses.size());
  cta_.addresses.insert(cta_.addresses.end(), addresses,
                        addresses + std::popcount(instruction.active_mask));
}

Instruction& WarpCode::add(Op op, Register destination, std::initializer_list<Register> sources) {
  STROBE_ASSERT(sources.size() <= trace::kMaxSources);
  Instruction instruction;
  instruction.active_mask = 0xFFFFFFFF;
  instruction.op = op;
  instruction.destination = destination;
  instruction.destination_count = destination == kNone ? 0 : 1;
  instruction.source_count = static_cast<std::uint8_t>(sources.size());
  std::copy(sources.begin(), sources.end(), instruction.sources.begin());
  cta_.instructions.push_back(instruction);
  return cta_.instructions.back();
}

void WarpCode::access(Op op, Space space, Register destination,
                      std::initializer_list<Register> sources, const Lanes& lanes) {
  Instruction& instruction = add(op, destination, sources);
  instruction.space = space;
  instruction.active_mask = lanes.mask;
  instruction.access_bytes = static_cast<std::uint8_t>(lanes.bytes);
  instruction.base = lanes.base;
  instruction.stride = lanes.stride;
}

void chain(WarpCode& code, Op op, Register value, std::uint32_t count) {
  for (std::uint32_t i = 0; i < count; ++i) code.arithmetic(op, value, {value});
}

// Beside the sum, of which each is another one, a row's element or a column's is read unless the
// one before left it in the reuse cache, and at the end of a run both are. A 128x128x8 SGEMM with
// 8x8 outputs a thread, compiled by CUDA 13 for compute capability 8.0, 8.6, 9.0 and 12.0, reads
// 2.25 to 2.43 operands a multiply-add, and as its two banks are not asked evenly they take as long
// as 2.39 to 2.62 would (with three cycles to read an instruction's operands in, as Huerta et al.
// 2025 found); a 64x64x8 one with 8x4 outputs 2.38 to 2.52 and 2.63 to 2.70. That is two, one more
// for each run, and three eighths.
void multiply_add(WarpCode& code, Register destination, Register fragments, OuterProduct product) {
  const std::uint32_t count = product.rows * product.columns;
  const std::uint32_t runs = std::max(product.rows, product.columns);
  code.arithmetic(Op::fp32, destination, {fragments}, count, 2 * count + runs + 3 * count / 8);
}

void shuffle(WarpCode& code, Register value) {
  code.load<Space::shared>(value, value, {0xFFFFFFFF, 0, 4, 4});
}

}  // namespace strobe::layers
