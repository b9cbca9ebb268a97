#pragma once

// What kernels that give a row to a CTA have in common: how its threads go over the row, and how
// they bring their results together.

#include <algorithm>

#include "sim/layers/common/warp_code.h"

namespace strobe::layers {

// Threads go over a row in vectors of 16 bytes, or of fewer, neighbours side by side. Where the row
// does not start at a multiple of a vector the elements before the next one are taken one by one,
// and so are those that no vector is left for.
struct RowAccess {
  std::uint64_t columns;
  std::uint32_t element_bytes;
  std::uint32_t threads;
  std::uint64_t row;
  std::uint32_t vector_bytes = 16;

  std::uint32_t elements_of_vector() const { return vector_bytes / element_bytes; }

  // Calls `each(lanes, is_vector)` for every access of the warp to this row of the array, in order.
  template <class Each>
  void for_each_access(std::uint64_t array, std::uint32_t warp, const Each& each) const {
    const std::uint64_t start = array + row * columns * element_bytes;
    const std::uint64_t thread = std::uint64_t{warp} * 32;
    const std::uint64_t before = std::min<std::uint64_t>(
        (vector_bytes - start % vector_bytes) % vector_bytes / element_bytes, columns);
    if (before > thread) {
      each(Lanes{first_lanes(before - thread), start + thread * element_bytes, element_bytes,
                 element_bytes},
           false);
    }
    const std::uint64_t aligned = start + before * element_bytes;
    const std::uint64_t vectors = (columns - before) / elements_of_vector();
    for (std::uint64_t at = thread; at < vectors; at += threads) {
      each(
          Lanes{first_lanes(vectors - at), aligned + at * vector_bytes, vector_bytes, vector_bytes},
          true);
    }
    const std::uint64_t after = columns - before - vectors * elements_of_vector();
    if (after > thread) {
      each(Lanes{first_lanes(after - thread),
                 aligned + vectors * vector_bytes + thread * element_bytes, element_bytes,
                 element_bytes},
           false);
    }
  }
};

// Five exchanges between lanes, each followed by the operation.
inline void reduce_warp(WarpCode& code, Register value, trace::Op op) {
  for (int i = 0; i < 5; ++i) {
    shuffle(code, value);
    code.arithmetic(op, value, {value});
  }
}

struct WarpOfCta {
  std::uint32_t warp, warps;
};

// Through shared memory: every warp leaves its result, the first brings them together, and all read
// what came of it.
inline void reduce_block(WarpCode& code, Register value, trace::Op op, const WarpOfCta& place) {
  reduce_warp(code, value, op);
  code.control(trace::Op::barrier);
  code.store<trace::Space::shared>(value, kNone, {1, std::uint64_t{place.warp} * 4, 4, 4});
  code.control(trace::Op::barrier);
  if (place.warp == 0) {
    code.load<trace::Space::shared>(value, kNone, {first_lanes(place.warps), 0, 4, 4});
    reduce_warp(code, value, op);
    code.store<trace::Space::shared>(value, kNone, {1, 0, 4, 4});
  }
  code.control(trace::Op::barrier);
  code.load<trace::Space::shared>(value, kNone, {1, 0, 4, 4});
}

}  // namespace strobe::layers
