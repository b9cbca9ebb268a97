#include "sim/layers/products/tensor_code.h"

#include <algorithm>

namespace strobe::layers {

using trace::Op;
using trace::Space;

namespace {

constexpr Register kAddress = 2, kBias = 8, kSums = 16, kFragments = 24, kOnTheWay = 32;

Register sums(std::uint64_t set) {
  return static_cast<Register>(kSums + set % 2);
}

Register fragments(std::uint32_t set) {
  return static_cast<Register>(kFragments + set);
}

}  // namespace

void TensorCode::multiply(const TensorStrips& strips, const Rounds& rounds, std::uint32_t warp) {
  prologue();
  if (unit_.is_grouped()) {
    multiply_from_shared(rounds);
  } else {
    multiply_from_registers(strips, rounds, warp);
  }
}

// Where the tile lies and the bounds that its accesses are held to; sums that are in registers
// start at zero.
void TensorCode::prologue() {
  chain(code_, Op::integer, kAddress, 6);
  code_.arithmetic(Op::integer, kAddress, {kAddress}, 20);
  if (unit_.is_grouped()) return;  // the first products overwrite the sums
  for (std::uint64_t half = 0; half < 2; ++half) {
    code_.arithmetic(Op::integer, sums(half), {}, tile_.part_rows * tile_.part_columns / 64);
  }
}

void TensorCode::multiply_from_registers(const TensorStrips& strips, const Rounds& rounds,
                                         std::uint32_t warp) {
  const bool copies = unit_.copies_ahead();
  const std::uint64_t ahead = copies ? tile_.stages - 1 : 1;
  const std::uint32_t steps = tile_.depth / unit_.step_bytes();
  for (std::uint64_t round = 0; round < ahead; ++round) {
    request(strips, rounds.first + round, warp);
  }
  store_requested();
  await_strip();
  read_fragments(0);
  for (std::uint64_t round = 0; round < rounds.count; ++round) {
    const bool is_last = round + 1 == rounds.count;
    if (round + ahead < rounds.count) {
      request(strips, rounds.first + round + ahead, warp);
    } else if (copies) {
      code_.control(Op::copy_commit);
    }
    for (std::uint32_t step = 0; step < steps; ++step) {
      const bool ends_strip = step + 1 == steps;
      if (ends_strip && !is_last) {
        store_requested();
        await_strip();
      }
      if (!ends_strip || !is_last) read_fragments((step + 1) % 2);
      multiply_step(step % 2);
    }
    code_.arithmetic(Op::integer, kAddress, {kAddress}, 4);  // the next strips' places, the count
    code_.control(Op::branch);
  }
}

// Every access beside its predicate and its address, which are kept from round to round.
void TensorCode::request(const TensorStrips& strips, std::uint64_t round, std::uint32_t warp) {
  requested_.clear();
  const std::uint32_t warps = multiplying_warps(tile_, unit_);
  for (const TensorStrip& strip : strips) {
    const std::uint32_t all = accesses_of(strip, units_of_access(strip, kLaneBytes));
    for (std::uint32_t first = warp * 32; first < all; first += warps * 32) {
      const StripAccess access = access_of(strip, round, first);
      const Lanes lanes{access.mask, 0, 0, access.bytes};
      if (unit_.copies_ahead()) {
        code_.copy_to_shared(kAddress, lanes);
      } else {
        code_.load(static_cast<Register>(kOnTheWay + requested_.size()), kAddress, lanes);
        requested_.push_back(access.bytes);
      }
      code_.list_addresses(access.addresses.data());
    }
  }
  if (unit_.copies_ahead()) code_.control(Op::copy_commit);
}

void TensorCode::store_requested() {
  for (std::size_t i = 0; i < requested_.size(); ++i) {
    code_.store<Space::shared>(static_cast<Register>(kOnTheWay + i), kAddress,
                               {0xFFFFFFFF, 0, requested_[i], requested_[i]});
  }
  requested_.clear();
}

void TensorCode::await_strip() {
  if (unit_.copies_ahead()) {
    code_.control(Op::copy_wait, static_cast<std::int32_t>(tile_.stages) - 2);
  }
  code_.control(Op::barrier);
}

// Of both sides. Shared memory answers in order, so that the last fragment's arrival is that of
// all.
void TensorCode::read_fragments(std::uint32_t set) {
  code_.load<Space::shared>(fragments(set), kAddress, {0xFFFFFFFF, 0, kLaneBytes, kLaneBytes});
  code_.repeat(fragment_reads(tile_, unit_));
}

void TensorCode::multiply_step(std::uint32_t set) {
  const std::uint32_t half = work_.count / 2;
  code_.tensor(work_.step, sums(0), {fragments(set)}, work_.count - half);
  if (half > 0) code_.tensor(work_.step, sums(1), {fragments(set)}, half);
}

// The products of a strip are waited for when those of the next one are under way.
void TensorCode::multiply_from_shared(const Rounds& rounds) {
  const std::uint32_t steps = tile_.depth / unit_.step_bytes();
  for (std::uint64_t round = 0; round < rounds.count; ++round) {
    code_.control(Op::await_copies, static_cast<std::int32_t>(round) + 1);
    code_.arithmetic(Op::integer, kAddress, {}, 3);  // descriptors of both sides
    code_.tensor(work_.step, sums(round), {kAddress}, steps * work_.count);
    if (round > 0) {
      code_.arithmetic(Op::integer, kAddress, {sums(round + 1)});
      code_.control(Op::arrive);
    }
    code_.control(Op::branch);
  }
  code_.arithmetic(Op::integer, kAddress, {sums(rounds.count + 1)});
}

void TensorCode::copy(const TensorStrips& strips, const Rounds& rounds) {
  const auto warps = static_cast<std::int32_t>(multiplying_warps(tile_, unit_));
  chain(code_, Op::integer, kAddress, 6);
  for (std::uint64_t round = 0; round < rounds.count; ++round) {
    if (round >= tile_.stages) {
      const auto freed = static_cast<std::int32_t>(round - tile_.stages) + 1;
      code_.control(Op::await_arrivals, freed * warps);
    }
    for (const TensorStrip& strip : strips) {
      code_.arithmetic(Op::integer, kAddress, {kAddress}, 2);
      const std::uint32_t units = units_of_access(strip, kPieceBytes);
      code_.copy_pieces_to_shared(kAddress, pieces_of(strip, rounds.first + round),
                                  units * strip.unit_bytes);
    }
    code_.control(Op::copy_commit);
    code_.control(Op::branch);
  }
}

// A thread's outputs lie apart: they pass through shared memory to lie side by side, narrowed on
// the way.
void write_tensor_tile(WarpCode& code, const TensorTile& tile, const TensorOutput& output,
                       std::uint32_t warp, std::uint32_t warps) {
  const std::uint32_t width =
      std::min({output.width, kLaneBytes / output.element_bytes, tile.columns});
  const std::uint32_t of_row = tile.columns / width, all = of_row * tile.rows;
  const std::uint32_t bytes = width * output.element_bytes;
  if (output.bias) {
    code.load(kBias, kAddress,
              {first_lanes(output.columns - output.column),
               *output.bias + output.column * output.element_bytes, output.element_bytes,
               output.element_bytes});
  }
  for (std::uint32_t first = warp * 32; first < all; first += warps * 32) {
    std::array<std::uint64_t, 32> addresses{};
    std::uint32_t mask = 0, active = 0;
    for (std::uint32_t lane = 0; lane < 32 && first + lane < all; ++lane) {
      const std::uint64_t row = output.row + (first + lane) / of_row;
      const std::uint64_t column = output.column + std::uint64_t{(first + lane) % of_row} * width;
      if (row >= output.rows || column >= output.columns) continue;
      mask |= 1U << lane;
      addresses[active++] =
          output.address + output.places.place(row, column) * output.element_bytes;
    }
    if (mask == 0) continue;
    for (const std::uint64_t half : {0U, 1U}) {
      if (output.bias) code.arithmetic(Op::fp32, sums(half), {sums(half), kBias}, width / 2);
      if (output.element_bytes < 4)
        code.arithmetic(Op::integer, sums(half), {sums(half)}, width / 4);
    }
    code.store<Space::shared>(kSums, kAddress, {0xFFFFFFFF, 0, bytes, bytes});
    code.load<Space::shared>(kFragments, kAddress, {0xFFFFFFFF, 0, bytes, bytes});
    code.arithmetic(Op::integer, kAddress, {kAddress});
    code.store(kFragments, kAddress, {mask, 0, 0, bytes});
    code.list_addresses(addresses.data());
  }
}

}  // namespace strobe::layers
