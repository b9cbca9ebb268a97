#pragma once

// The instructions of one warp of a tile on the tensor cores.
//
// Warps that multiply from registers (HMMA) copy strips to shared memory together, some stages
// ahead (LDGSTS) or by way of registers, read fragments by LDSM.x4 (512 bytes, no bank conflicts in
// the swizzled layout) a step of k ahead, and multiply in two halves, so that the sums of one half
// are there when its next products come.
//
// Warps that multiply in groups take turns with one that copies: it brings strips by TMA as stages
// become free; they wait for a strip, issue its products, and free the strip before it when its
// products are done (CUTLASS, sm90_mma_tma_gmma_ss_warpspecialized.hpp).

#include <vector>

#include "sim/layers/common/placement.h"
#include "sim/layers/common/warp_code.h"
#include "sim/layers/products/tensor_strip.h"
#include "sim/layers/products/tensor_tile.h"

namespace strobe::layers {

// Strips of both sides, and of their scales where they have some.
using TensorStrips = std::vector<TensorStrip>;

struct Rounds {
  std::uint64_t first = 0, count = 0;
};

class TensorCode {
 public:
  TensorCode(WarpCode& code, const TensorTile& tile, const TensorUnit& unit)
      : code_(code), tile_(tile), unit_(unit), work_(work_of_step(tile, unit)) {}

  // All of it but the epilogue, of a warp that multiplies; number `warp` of those.
  void multiply(const TensorStrips& strips, const Rounds& rounds, std::uint32_t warp);
  // Of the warp that copies for the others.
  void copy(const TensorStrips& strips, const Rounds& rounds);

 private:
  void prologue();
  void multiply_from_registers(const TensorStrips& strips, const Rounds& rounds,
                               std::uint32_t warp);
  void multiply_from_shared(const Rounds& rounds);
  void request(const TensorStrips& strips, std::uint64_t round, std::uint32_t warp);
  void store_requested();
  void await_strip();
  void read_fragments(std::uint32_t set);
  void multiply_step(std::uint32_t set);

  WarpCode& code_;
  const TensorTile& tile_;
  const TensorUnit& unit_;
  TensorWork work_;
  std::vector<std::uint32_t> requested_;  // bytes of a lane, by instruction on its way
};

// Where the output of a CTA goes, a line being a row, k the column.
struct TensorOutput {
  std::uint64_t address = 0, row = 0, column = 0, rows = 0, columns = 0;
  MatrixPlaces places;
  std::uint32_t element_bytes = 2;
  std::uint32_t width = 8;  // elements that lie together, aligned
  std::optional<std::uint64_t> bias;
};

// Warp number `warp` of `warps` that write the tile, row by row.
void write_tensor_tile(WarpCode& code, const TensorTile& tile, const TensorOutput& output,
                       std::uint32_t warp, std::uint32_t warps);

}  // namespace strobe::layers
