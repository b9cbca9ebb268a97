#pragma once

// What the kernels of SoftMax.cu have in common: how their CTAs go over a row, and how they bring
// their threads' results together.

#include <algorithm>

#include "sim/layers/common/row_code.h"
#include "sim/layers/common/warp_code.h"

namespace strobe::layers::softmax_code {

using trace::Op;

inline constexpr Register kIndex = 1, kAddress = 2, kMaximum = 3, kSum = 4, kReciprocal = 5,
                          kCheck = 6, kFirstElement = 16;

// The instructions of the kernels that give a row to a CTA are those of copies of them that
// CUDA 11.8 compiled for compute capability 6.0 to 8.0.

// Where the CTA's row begins, whether that is a multiple of a vector, and the thread's place in it:
// of some twenty instructions every other one waits for the one before.
inline void find_row(WarpCode& code) {
  chain(code, Op::integer, kIndex, 12);
  code.arithmetic(Op::integer, kAddress, {kIndex}, 11);
}

// Where the vectors of a pass end: the rest of an integer division, whose divisor, the elements of
// a step, is known at run time only.
inline void find_last_vector(WarpCode& code) {
  code.arithmetic(Op::conversion, kIndex, {kIndex});
  code.arithmetic(Op::special, kIndex, {kIndex});
  code.arithmetic(Op::integer, kIndex, {kIndex});
  code.arithmetic(Op::conversion, kIndex, {kIndex});
  chain(code, Op::integer, kIndex, 20);
  code.arithmetic(Op::integer, kAddress, {kIndex}, 4);
  code.control(Op::branch);
}

// expf without fast-math: range reduction, MUFU.EX2 and scaling.
inline constexpr std::uint32_t kExpFp32 = 6, kExpInteger = 1;

inline void exponentials(WarpCode& code, Register values, std::uint32_t count) {
  code.arithmetic(Op::fp32, values, {values, kMaximum}, count * kExpFp32);
  code.arithmetic(Op::integer, values, {values}, count * kExpInteger);
  code.arithmetic(Op::special, values, {values}, count);
}

// How the threads of a CTA go over a row in ilpReduce and WriteFpropResultsVectorized: in vectors
// of 16 bytes, but only as long as every thread has one. What is left over, up to a vector for each
// thread, is taken element by element, and so is a first step that ends at a multiple of 16 bytes
// where the row does not begin at one. nvcc unrolls none of the three loops (a copy of them
// compiled by CUDA 13 for compute capability 7.5 and 8.0 has one LDG in each).
struct RowSteps {
  std::uint64_t columns;
  std::uint32_t element_bytes;
  std::uint32_t threads;

  std::uint32_t elements_of_vector() const { return 16 / element_bytes; }

  // Calls `each(lanes, is_vector)` for every access of the warp to the row that begins at `row`.
  template <class Each>
  void for_each(std::uint64_t row, std::uint32_t warp, const Each& each) const {
    const std::uint64_t first_thread = std::uint64_t{warp} * trace::kWarpLanes;
    const std::uint64_t shift = row % 16 / element_bytes;
    std::uint64_t at = row - shift * element_bytes, left = columns + shift;
    const auto single = [&](std::uint64_t skipped) {
      const std::uint64_t there = left > first_thread ? left - first_thread : 0;
      Lanes lanes{first_lanes(there), at + first_thread * element_bytes, element_bytes,
                  element_bytes};
      if (skipped > first_thread) {
        const std::uint64_t unused = skipped - first_thread;
        lanes.mask &= ~first_lanes(unused);
        lanes.base += unused * element_bytes;
      }
      each(lanes, false);
      at += std::uint64_t{threads} * element_bytes;
      left -= std::min<std::uint64_t>(left, threads);
    };
    if (shift > 0) single(shift);
    const std::uint64_t step = std::uint64_t{threads} * elements_of_vector();
    for (; left >= step; left -= step, at += step * element_bytes) {
      each(Lanes{0xFFFFFFFF, at + first_thread * 16, 16, 16}, true);
    }
    while (left > first_thread) single(0);
  }
};

// blockReduce of SoftMax.cu up to PyTorch 2.3: every thread leaves its value in shared memory, a
// thread of the first warp for each warp goes over 32 of them, which all lie in the same banks, and
// then one thread over what came of it.
struct Combination {  // of two values: so many instructions, each of which needs the one before
  Op op;
  std::uint32_t instructions;
};
inline void reduce_in_order(WarpCode& code, Register value, const Combination& two,
                            const WarpOfCta& place) {
  constexpr std::uint32_t kLanes = trace::kWarpLanes;
  code.control(Op::barrier);
  code.store<trace::Space::shared>(value, kNone,
                                   {0xFFFFFFFF, std::uint64_t{place.warp} * kLanes * 4, 4, 4});
  code.control(Op::barrier);
  if (place.warp == 0) {
    code.load<trace::Space::shared>(value, kNone, {first_lanes(place.warps), 0, kLanes * 4, 16});
    code.repeat(kLanes / 4);
    chain(code, two.op, value, kLanes * two.instructions);
    code.store<trace::Space::shared>(value, kNone, {first_lanes(place.warps), 0, 4, 4});
  }
  code.control(Op::barrier);
  if (place.warp == 0) {
    code.load<trace::Space::shared>(value, kNone, {1, 0, 16, 16});
    code.repeat(std::max(place.warps / 4, 1U));
    chain(code, two.op, value, place.warps * two.instructions);
    code.store<trace::Space::shared>(value, kNone, {1, 0, 4, 4});
  }
  code.control(Op::barrier);
  code.load<trace::Space::shared>(value, kNone, {1, 0, 4, 4});
}

// SoftMax_getBlockSize: the largest power of two not above half of the row's vectors, from a warp
// to 1024 threads. (The loop doubles while the size is below half of that limit.)
inline std::uint32_t softmax_threads(std::uint64_t columns, std::uint32_t element_bytes) {
  const std::uint64_t most = std::min<std::uint64_t>(columns * element_bytes / 16, 1024);
  std::uint32_t threads = 1;
  while (threads < most / 2) threads *= 2;
  return std::max(threads, 32U);
}

}  // namespace strobe::layers::softmax_code
