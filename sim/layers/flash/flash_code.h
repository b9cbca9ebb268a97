#pragma once

// The instructions of one warp of a fused attention kernel. A CTA takes its queries and goes over
// the keys a tile at a time, from the last that any of its queries sees to the first: scores, their
// exponentials less the greatest so far, and the sums of the values that these weigh, which are
// scaled down when a greater score comes (Milakov and Gimelshein 2018; Dao et al. 2022).
//
// For each score of a thread there is an FMNMX, an FFMA that scales it and takes off the maximum, a
// MUFU.EX2, an FADD for the row's sum, and half an F2FP that packs it as a weight; where the mask
// cuts through a tile, a comparison and a select besides. For each row of a tile: two shuffles and
// maxima in the four lanes that share it, one more exponential, and an FMUL for each of its sums.
// These are the operations of FlashAttention 2, algorithm 1, in the order of its kernel (softmax.h,
// flash_fwd_kernel.h).

#include <cstdint>

#include "sim/layers/common/warp_code.h"
#include "sim/layers/flash/flash_tile.h"
#include "sim/layers/products/tensor_strip.h"

namespace strobe::layers {

// What a CTA has to do, and where it lies.
struct FlashWork {
  TensorStrip queries;             // its tile
  TensorStrip keys, values;        // their first tile; the others follow downwards
  std::uint64_t last_tile = 0;     // the keys' tile that it begins with
  std::uint64_t tiles = 0;         // that it goes over
  std::uint64_t masked_tiles = 0;  // of those, the first ones, which the mask cuts through
};

class FlashCode {
 public:
  FlashCode(WarpCode& code, const FlashPlan& plan) : code_(code), plan_(plan) {}

  // All of it but the epilogue, of a warp that multiplies; number `warp` of those.
  void attend(const FlashWork& work, std::uint32_t warp);
  // Of the warp that copies for the others.
  void copy(const FlashWork& work);
  // Divides the sums by the weights' and lays rows side by side by way of shared memory.
  void finish();
  // What finish() left: lines of the output, and a word for each of `count` rows.
  void store(const TensorStrip& lines);
  void store_rows(std::uint64_t address, std::uint64_t count);

 private:
  void attend_from_registers(const FlashWork& work, std::uint32_t warp);
  void attend_from_shared(const FlashWork& work);
  void await_copies();
  void multiply_scores();
  void multiply_values();
  void exponentials(std::uint64_t tile, bool is_masked);
  void scale_sums();
  void multiply_group(std::uint32_t columns, std::uint32_t k, Register to, Register from);
  bool keeps_sums() const;

  std::uint32_t rows() const { return plan_.tile.rows(plan_.unit); }
  std::uint32_t lanes() const { return plan_.unit.is_grouped() ? 128 : 32; }

  WarpCode& code_;
  const FlashPlan& plan_;
};

// The strip of the keys' or values' tile number `tile`.
TensorStrip at_tile(const TensorStrip& first, std::uint64_t tile);

// What number `warp` of `warps` copies of a tile to shared memory (LDGSTS).
void copy_tile(WarpCode& code, const TensorStrip& tile, std::uint32_t warp, std::uint32_t warps);

// The same by one warp that asks the engine for bulk copies (UBLKCP).
void bring_tile(WarpCode& code, const TensorStrip& tile);

}  // namespace strobe::layers
