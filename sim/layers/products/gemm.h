#pragma once

// Matrix products on the FP32 pipes, as cuBLAS's SGEMM kernels and CUTLASS's SIMT kernels make them
// (S. Gray, "SGEMM" in the wiki of NervanaSystems/maxas; NVIDIA CUTLASS, efficient_gemm.md): a CTA
// computes a tile of the output. Going along k, `depth` at a time, it copies a strip of each matrix
// to shared memory; each thread reads a column and a row fragment from there for every k and adds
// their outer product to its accumulators. The strips are double-buffered (loaded to registers and
// stored to shared memory) or copied by LDGSTS some stages ahead. Fragments of the next k are read
// while this one's are multiplied.
//
// Half-precision products where there are no tensor cores are the same (cublasHgemm's kernels),
// with two neighbouring columns in a register and an HFMA2 for both: half of the instructions, the
// registers and the bytes.

#include <memory>
#include <string>

#include "sim/layers/common/kernel.h"
#include "sim/layers/common/layer.h"

namespace strobe::layers {

struct GemmTile {
  std::string kernel;                   // the library's name
  std::uint32_t columns = 0, rows = 0;  // of the output; columns run along n
  std::uint32_t depth = 8;              // k of a strip
  std::uint32_t threads = 0;
  std::uint32_t slices = 1;  // groups of warps that share the k of each strip and add up at the end
  std::uint32_t stages = 2;  // strips in shared memory
  bool async = false;        // copied by LDGSTS
  bool rows_first = false;   // the grid's x runs along m, as in xmma kernels, else along n
  std::uint32_t element_bytes = 4;  // of operands and sums; 2: in pairs

  std::uint32_t outputs_of_thread() const { return columns * rows * slices / threads; }
  // Registers and multiply-adds that so many elements take.
  std::uint32_t words(std::uint32_t elements) const { return (elements * element_bytes + 3) / 4; }
};

// What becomes of the parts when k is split over the CTAs of grid.z.
enum class SplitSum : std::uint8_t {
  in_place,   // each part in turn is added to the output
  workspace,  // each part goes to a workspace, a second kernel adds them up
};

struct GemmPlan {
  GemmTile tile;
  std::uint32_t parts = 1;  // of k
  SplitSum sum = SplitSum::in_place;
};

// 32-bit registers of a thread and bytes of shared memory of a CTA.
std::uint32_t registers_of(const GemmTile& tile);
std::uint32_t shared_bytes_of(const GemmTile& tile);

std::unique_ptr<Kernel> gemm_kernel(const Layer& layer, const GemmPlan& plan);

// The kernel that adds up the parts in the workspace, and the bias.
std::unique_ptr<Kernel> split_sum_kernel(const Layer& layer, const GemmPlan& plan);

}  // namespace strobe::layers
