#pragma once

// How a kernel of matrix products lies on the tensor cores: what one CTA computes, how its warps
// share it, and what an instruction does in how many cycles (NVIDIA CUTLASS, efficient_gemm.md and
// cute/arch/mma_sm*.hpp; PTX ISA, "Matrix multiply-accumulate").
//
// Sizes along k are in bytes, because an instruction takes as many bytes of every type: fp16 has
// twice the k of tf32, half that of fp8.

#include <cstdint>
#include <optional>

#include "sim/device/spec.h"
#include "sim/layers/common/data_type.h"
#include "sim/layers/common/warp_code.h"

namespace strobe::layers {

// The tensor cores of a GPU as they are for one type.
struct TensorUnit {
  device::TensorInstruction instruction{};
  std::uint32_t operations = 0;  // a cycle and SM; a multiply-add is two
  std::uint32_t bits = 0;        // of an element

  // Four warps multiply together what lies in shared memory.
  bool is_grouped() const { return instruction >= device::TensorInstruction::wgmma; }
  // Strips are copied to shared memory without a register, some stages ahead.
  bool copies_ahead() const { return instruction >= device::TensorInstruction::hmma_16816; }
  // CTAs come in clusters of two, and TMA writes to both what one asks for (the 2x1 in the names of
  // cuBLAS's sm90 and nvjet kernels, the default cluster of CUTLASS's).
  bool multicasts() const { return instruction == device::TensorInstruction::wgmma; }
  // cuBLAS has a kernel of its own for one row. On Blackwell of the data centre the nvjet kernels
  // of eight rows do it (SGLang's profiles of B200s and B300s that serve one request).
  bool has_vector_kernel() const { return instruction != device::TensorInstruction::tcgen05; }
  std::uint32_t step_bytes() const;  // along k, of one instruction
};

// Nothing where they cannot multiply this type.
std::optional<TensorUnit> tensor_unit(DataType type, const device::GpuSpec& gpu);

struct TensorTile {
  std::uint32_t rows = 0, columns = 0;            // of the output that a CTA computes
  std::uint32_t depth = 64;                       // bytes along k of a strip in shared memory
  std::uint32_t stages = 2;                       // strips there
  std::uint32_t part_rows = 0, part_columns = 0;  // of a warp, of four together where is_grouped()
  // Two CTAs on neighbouring SMs multiply together, each holding half of the columns' strip
  // (tcgen05.mma with cta_group::2).
  bool pairs = false;

  std::uint32_t parts() const { return rows / part_rows * (columns / part_columns); }
};

// Warps that multiply, and all of a CTA.
std::uint32_t multiplying_warps(const TensorTile& tile, const TensorUnit& unit);
std::uint32_t threads_of(const TensorTile& tile, const TensorUnit& unit);

// 32-bit registers of a thread and bytes of shared memory of a CTA.
std::uint32_t registers_of(const TensorTile& tile, const TensorUnit& unit);
std::uint32_t shared_bytes_of(const TensorTile& tile);

// Reads of 512 bytes (16 a lane) by which a warp has both sides' fragments for `step_bytes` of k.
// On Volta two of the four quad pairs of a warp hold the same, so that twice as much is read.
std::uint32_t fragment_reads(const TensorTile& tile, const TensorUnit& unit);

// What a warp does for `step_bytes` of k: so many instructions alike.
struct TensorWork {
  TensorStep step;
  std::uint32_t count = 1;
};
TensorWork work_of_step(const TensorTile& tile, const TensorUnit& unit);

}  // namespace strobe::layers
