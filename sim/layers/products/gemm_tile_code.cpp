#include "sim/layers/products/gemm_tile_code.h"

#include <algorithm>
#include <array>
#include <bit>

namespace strobe::layers {

using trace::Op;

ThreadSplit::ThreadSplit(const GemmTile& tile) {
  const std::uint32_t outputs = tile.outputs_of_thread();
  const auto power = static_cast<int>(std::bit_width(outputs)) - 1;
  columns = 1U << ((power + 1) / 2);
  rows = outputs / columns;
}

// With asynchronous copies, more rounds may be asked for ahead than there are.
StripPlaces::StripPlaces(const Strip& strip, const KRange& range, const GemmTile& tile)
    : rule_(rule_of(strip.places)), line_count_(strip.limit - strip.first) {
  const std::uint64_t all = range.last > range.first ? range.last - range.first : 0;
  k_count_ = std::min(all, std::max<std::uint64_t>(range.rounds, tile.stages) * tile.depth);
  lines_.reserve(line_count_);
  ks_.reserve(k_count_);
  for (std::uint64_t i = 0; i < line_count_; ++i) {
    lines_.push_back(part_of_line(strip.places, strip.first + i));
  }
  for (std::uint64_t i = 0; i < k_count_; ++i) {
    ks_.push_back(part_of_k(strip.places, range.first + i));
  }
}

void TileCode::prologue() {
  // Where the tile and the thread's part of it lie, and the bounds that its loads are held to.
  chain(code_, Op::integer, kAddress, 6);
  code_.arithmetic(Op::integer, kAddress, {kAddress}, 14);
  code_.arithmetic(Op::fp32, kAccumulators, {}, tile_.words(tile_.outputs_of_thread()));
}

void TileCode::main_loop(const PlacedStrip& weights, const PlacedStrip& inputs,
                         std::uint64_t rounds) {
  const std::uint64_t ahead = tile_.async ? tile_.stages - 1 : 1;
  const std::uint32_t of_slice = tile_.depth / tile_.slices;
  for (std::uint64_t round = 0; round < ahead; ++round) {
    request_strips(weights, inputs, round * tile_.depth);
  }
  store_strips(weights.strip, inputs.strip);
  await_strips();
  read_fragments(0);

  for (std::uint64_t round = 0; round < rounds; ++round) {
    const bool is_last = round + 1 == rounds;
    if (round + ahead < rounds) {
      request_strips(weights, inputs, (round + ahead) * tile_.depth);
    } else if (tile_.async) {
      code_.control(trace::Op::copy_commit);
    }
    for (std::uint32_t k = 0; k < of_slice; ++k) {
      if (k + 1 == of_slice && !is_last) {
        store_strips(weights.strip, inputs.strip);
        await_strips();
      }
      if (k + 1 < of_slice || !is_last) read_fragments((k + 1) % 2);
      multiply(k % 2);
    }
    code_.arithmetic(Op::integer, kAddress, {kAddress}, 3);  // the next strip's place, the count
    code_.arithmetic(Op::integer, kNone, {kAddress});
    code_.control(trace::Op::branch);
  }
}

void TileCode::request_strips(const PlacedStrip& weights, const PlacedStrip& inputs,
                              std::uint64_t k) {
  requested_ = 0;
  request(weights, k);
  request(inputs, k);
  if (tile_.async) code_.control(trace::Op::copy_commit);
}

void TileCode::request(const PlacedStrip& from, std::uint64_t k) {
  const std::uint32_t vectors = from.strip.extent * tile_.depth / from.strip.width;
  for (std::uint32_t first = warp_ * 32; first < vectors; first += tile_.threads) {
    const Move move = move_of(from, first, k);
    const Lanes lanes{move.mask, 0, 0, move.bytes};
    if (tile_.async) {
      code_.copy_to_shared(kAddress, lanes);
    } else {
      code_.load(static_cast<Register>(kOnTheWay + requested_++), kAddress, lanes);
    }
    code_.list_addresses(move.addresses.data());
  }
}

TileCode::Move TileCode::move_of(const PlacedStrip& from, std::uint32_t first_vector,
                                 std::uint64_t k) const {
  const Strip& strip = from.strip;
  const std::uint32_t width = strip.width;
  const std::uint32_t vectors_of_line = (strip.k_runs_fastest ? tile_.depth : strip.extent) / width;
  const std::uint32_t vectors = strip.extent * tile_.depth / width;
  const std::uint32_t lanes = std::min(vectors - first_vector, 32U);
  std::uint64_t line = first_vector / vectors_of_line;
  std::uint32_t in_line = first_vector % vectors_of_line;
  Move move;
  move.bytes = width * tile_.element_bytes;
  std::uint32_t active = 0;
  for (std::uint32_t lane = 0; lane < lanes; ++lane) {
    const std::uint64_t within = std::uint64_t{in_line} * width;
    const auto place = strip.k_runs_fastest ? from.places.place(line, k + within)
                                            : from.places.place(within, k + line);
    if (++in_line == vectors_of_line) {
      in_line = 0;
      ++line;
    }
    if (!place) continue;
    move.mask |= 1U << lane;
    move.addresses[active++] = strip.address + *place * tile_.element_bytes;
  }
  return move;
}

void TileCode::store_strips(const Strip& weights, const Strip& inputs) {
  if (tile_.async) return;
  requested_ = 0;
  store(weights);
  store(inputs);
}

// Strips lie in shared memory with the lines running fastest, whichever way they lie in global
// memory: a vector along k is stored word by word. The layout is padded so that banks do not
// conflict.
void TileCode::store(const Strip& strip) {
  const std::uint32_t width = strip.width, bytes = tile_.element_bytes;
  const std::uint32_t vectors = strip.extent * tile_.depth / width;
  for (std::uint32_t first = warp_ * 32; first < vectors; first += tile_.threads) {
    const auto value = static_cast<Register>(kOnTheWay + requested_++);
    if (width == 4 && !strip.k_runs_fastest) {
      code_.store<trace::Space::shared>(value, kAddress,
                                        {first_lanes(vectors - first), 0, 4 * bytes, 4 * bytes});
      continue;
    }
    code_.store<trace::Space::shared>(value, kAddress,
                                      {first_lanes(vectors - first), 0, bytes, bytes});
    code_.repeat(width);
  }
}

void TileCode::await_strips() {
  if (tile_.async) code_.control(trace::Op::copy_wait, static_cast<std::int32_t>(tile_.stages) - 2);
  code_.control(trace::Op::barrier);
}

// The lanes of a row or column of the warp's rectangle read the same words, in neighbouring pairs:
// few words, in one pass over the banks, but registers of all lanes to return. Which words it is
// does not matter to that. Shared memory answers in order, so that the last fragment's arrival is
// that of all.
void TileCode::read_fragments(std::uint32_t set) {
  const std::uint32_t columns = tile_.words(split_.columns), rows = tile_.words(split_.rows);
  const std::uint32_t bytes = std::min(columns, 4U) * 4;
  code_.load<trace::Space::shared>(fragments(set), kAddress, {0xFFFFFFFF, 0, 0, bytes});
  code_.repeat((columns + 3) / 4 + (rows + 3) / 4);
}

void TileCode::multiply(std::uint32_t set) {
  if (tile_.element_bytes == 4) {
    multiply_add(code_, kAccumulators, fragments(set), {split_.rows, split_.columns});
  } else {
    code_.arithmetic(Op::fp16, kAccumulators, {fragments(set)},
                     split_.rows * tile_.words(split_.columns));
  }
}

// Each slice but the first leaves its sums in shared memory and the first adds them up; the result
// is spread over all warps again.
void TileCode::bring_slices_together() {
  if (tile_.slices == 1) return;
  const std::uint32_t vectors = std::max(tile_.words(tile_.outputs_of_thread()) / 4, 1U);
  for (std::uint32_t i = 0; i < vectors; ++i) {
    code_.store<trace::Space::shared>(kAccumulators, kAddress, {0xFFFFFFFF, 0, 16, 16});
  }
  code_.control(trace::Op::barrier);
  for (std::uint32_t i = 0; i < vectors; ++i) {
    code_.load<trace::Space::shared>(kFragments, kAddress, {0xFFFFFFFF, 0, 16, 16});
    code_.arithmetic(Op::fp32, kAccumulators, {kAccumulators, kFragments}, 4);
  }
}

void write_tile(WarpCode& code, const GemmTile& tile, const OutputTile& output,
                const TileWriter& writer) {
  const std::uint32_t vectors_of_row = tile.columns / output.width;
  const std::uint32_t vectors = vectors_of_row * tile.rows;
  const std::uint32_t bytes = output.width * tile.element_bytes;
  std::uint32_t written = 0;  // elements by a lane
  for (std::uint32_t first = writer.warp * 32; first < vectors; first += tile.threads) {
    std::array<std::uint64_t, 32> addresses{};
    std::uint32_t mask = 0, active = 0;
    for (std::uint32_t lane = 0; lane < 32 && first + lane < vectors; ++lane) {
      const std::uint64_t row = output.row + (first + lane) / vectors_of_row;
      const std::uint64_t column =
          output.column + std::uint64_t{(first + lane) % vectors_of_row} * output.width;
      if (row >= output.rows || column >= output.columns) continue;
      mask |= 1U << lane;
      addresses[active++] = output.address + output.places.place(row, column) * tile.element_bytes;
    }
    if (written * tile.element_bytes % 16 == 0) {
      // A thread's outputs lie apart: they pass through shared memory to lie side by side.
      code.store<trace::Space::shared>(kAccumulators, kAddress, {0xFFFFFFFF, 0, 16, 16});
      code.load<trace::Space::shared>(kFragments, kAddress, {0xFFFFFFFF, 0, 16, 16});
    }
    if (writer.adds_up) {
      code.load(kOnTheWay, kAddress, {mask, 0, 0, bytes});
      code.list_addresses(addresses.data());
      code.arithmetic(Op::fp32, kFragments, {kFragments, kOnTheWay}, tile.words(output.width));
    }
    code.arithmetic(Op::integer, kAddress, {kAddress});
    code.store(kFragments, kAddress, {mask, 0, 0, bytes});
    code.list_addresses(addresses.data());
    written += output.width;
  }
}

}  // namespace strobe::layers
