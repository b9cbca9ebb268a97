#pragma once

// The instructions of one warp of a matrix product's tile.

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "sim/layers/common/placement.h"
#include "sim/layers/common/warp_code.h"
#include "sim/layers/products/gemm.h"

namespace strobe::layers {

// The scoreboard's registers of a product.
inline constexpr Register kAddress = 2, kBias = 8, kAccumulators = 16, kFragments = 32,
                          kOnTheWay = 64;

// How many of a tile's outputs each thread has: `columns` x `rows`, about square, so that few words
// are read for many products.
struct ThreadSplit {
  std::uint32_t columns, rows;
  explicit ThreadSplit(const GemmTile& tile);
};

// A matrix of which a CTA takes `extent` lines of its width from `first` on, along all of k.
struct Strip {
  std::uint64_t address;
  std::uint64_t first, limit;  // of m or n; what lies from `limit` on is not there
  std::uint32_t extent;
  Places places;
  bool k_runs_fastest;
  std::uint32_t width;  // elements of one access: four where they lie together and aligned
};

struct KRange {
  std::uint64_t first, last;
  std::uint64_t rounds;  // strips to go through from the first on
};

// The places of a CTA's strips of a matrix, worked out once for all its warps and rounds.
class StripPlaces {
 public:
  StripPlaces(const Strip& strip, const KRange& range, const GemmTile& tile);

  // Lines and k from the first of the CTA's on; nothing where the matrix or an image has ended.
  std::optional<std::uint64_t> place(std::uint64_t line, std::uint64_t k) const {
    if (line >= line_count_ || k >= k_count_) return std::nullopt;
    return rule_.place(lines_[line], ks_[k]);
  }

 private:
  PlaceRule rule_;
  std::uint64_t line_count_, k_count_;  // asked for each lane, and a vector has to divide for it
  std::vector<PlacePart> lines_, ks_;
};

// What a CTA multiplies.
struct PlacedStrip {
  PlacedStrip(const Strip& its_strip, const KRange& range, const GemmTile& tile)
      : strip(its_strip), places(its_strip, range, tile) {}

  Strip strip;
  StripPlaces places;
};

class TileCode {
 public:
  TileCode(WarpCode& code, const GemmTile& tile, const ThreadSplit& split, std::uint32_t warp)
      : code_(code), tile_(tile), split_(split), warp_(warp) {}

  void prologue();
  void main_loop(const PlacedStrip& weights, const PlacedStrip& inputs, std::uint64_t rounds);
  void bring_slices_together();

 private:
  // One instruction of the warp that moves a strip's vectors.
  struct Move {
    std::uint32_t mask = 0;
    std::array<std::uint64_t, 32> addresses;  // of the active lanes
    std::uint32_t bytes = 4;
  };

  // `k`: from the first of the CTA's on.
  void request_strips(const PlacedStrip& weights, const PlacedStrip& inputs, std::uint64_t k);
  void request(const PlacedStrip& from, std::uint64_t k);
  Move move_of(const PlacedStrip& from, std::uint32_t first_vector, std::uint64_t k) const;
  void store_strips(const Strip& weights, const Strip& inputs);
  void store(const Strip& strip);
  void await_strips();
  void read_fragments(std::uint32_t set);
  void multiply(std::uint32_t set);
  static Register fragments(std::uint32_t set) { return static_cast<Register>(kFragments + set); }

  WarpCode& code_;
  const GemmTile& tile_;
  const ThreadSplit& split_;
  std::uint32_t warp_;
  std::uint32_t requested_ = 0;  // registers on the way
};

// Where a tile goes.
struct OutputTile {
  std::uint64_t address, row, column, rows, columns;
  MatrixPlaces places;  // a line is a row, k the column
  std::uint32_t width;  // elements of a store
};
struct TileWriter {
  std::uint32_t warp;
  bool adds_up;  // to what is there
};
void write_tile(WarpCode& code, const GemmTile& tile, const OutputTile& output,
                const TileWriter& writer);

}  // namespace strobe::layers
