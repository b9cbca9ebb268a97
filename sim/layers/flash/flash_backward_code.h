#pragma once

// The instructions of one warp of the kernel of a fused attention's gradients (flash_backward.h).
//
// For each score of a thread there is an FFMA and a MUFU.EX2 for the weight, an FADD and an FMUL
// for its gradient, and half an F2FP for each of the two, which go through shared memory to be read
// the other way round; where the mask cuts through a tile, a comparison and a select besides.

#include "sim/layers/common/warp_code.h"
#include "sim/layers/flash/flash_tile.h"
#include "sim/layers/products/tensor_strip.h"

namespace strobe::layers {

struct FlashBackwardWork {
  TensorStrip keys, values;        // the tile that the CTA keeps
  TensorStrip queries, gradients;  // the first tile of queries, and of the outputs' gradients
  std::uint64_t row_facts = 0;     // of the first query: its sum's logarithm and its product
  std::uint64_t query_sums = 0;    // where the first query's gradient is added up
  std::uint64_t first_tile = 0;    // the queries' tile that it begins with
  std::uint64_t tiles = 0;         // that it goes over
  std::uint64_t masked_tiles = 0;  // of those, the first ones, which the mask cuts through
};

class FlashBackwardCode {
 public:
  FlashBackwardCode(WarpCode& code, const FlashPlan& plan) : code_(code), plan_(plan) {}

  // All of it but the epilogue, of a warp that multiplies; number `warp` of those.
  void go_back(const FlashBackwardWork& work, std::uint32_t warp);
  // Of the warp that copies for the others, where there is one.
  void copy(const FlashBackwardWork& work);
  // The gradients of keys or values that the warp has, narrowed.
  void store(const TensorStrip& lines);

 private:
  void await_tile(std::uint64_t copies);
  void free_tile();
  void multiply(std::uint32_t rows, std::uint32_t columns, std::uint32_t k, Register to);
  void multiply_from_registers(std::uint32_t rows, std::uint32_t columns, std::uint32_t k,
                               Register to);
  void make_weights(bool is_masked, std::uint64_t row_facts);
  void make_gradients();
  void add_to_queries(std::uint64_t address, std::uint32_t warp);

  // Of a tile, in one thread.
  std::uint32_t scores() const {
    return plan_.tile.queries * plan_.tile.keys / (plan_.tile.warps * 32);
  }

  WarpCode& code_;
  const FlashPlan& plan_;
};

}  // namespace strobe::layers
