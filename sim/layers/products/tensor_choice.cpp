#include "sim/layers/products/tensor_choice.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "sim/base/check.h"
#include "sim/device/wiring.h"
#include "sim/model/sm/occupancy.h"

namespace strobe::layers {

using device::TensorInstruction;

namespace {

std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) {
  return (a + b - 1) / b;
}

// Rows, columns, bytes along k, stages, and the part of a warp: the s884gemm and s1688gemm kernels
// of cuBLAS 10 and 11 as profilers show them, with two strips.
constexpr auto kOfVolta = std::to_array<TensorTile>({{128, 256, 64, 2, 64, 64, false},
                                                     {256, 128, 64, 2, 64, 64, false},
                                                     {128, 128, 64, 2, 64, 64, false},
                                                     {64, 128, 64, 2, 32, 64, false},
                                                     {128, 64, 64, 2, 64, 32, false},
                                                     {64, 64, 64, 2, 32, 32, false}});

// The s16816gemm kernels of cuBLAS 11 and 12, "..._128x64_ldg8_f2f_stages_64x3_tn": tile, k and
// stages; and CUTLASS's of few rows.
constexpr auto kOfAmpere = std::to_array<TensorTile>({{128, 256, 64, 3, 64, 64, false},
                                                      {256, 128, 64, 3, 64, 64, false},
                                                      {128, 128, 64, 5, 64, 64, false},
                                                      {64, 256, 64, 4, 64, 64, false},
                                                      {256, 64, 64, 4, 64, 64, false},
                                                      {64, 128, 128, 3, 32, 64, false},
                                                      {128, 64, 128, 3, 64, 32, false},
                                                      {64, 64, 128, 5, 32, 32, false},
                                                      {32, 128, 128, 4, 32, 32, false},
                                                      {32, 64, 128, 5, 16, 32, false},
                                                      {16, 128, 128, 4, 16, 32, false},
                                                      {16, 64, 128, 6, 16, 16, false}});

// CUTLASS's of block-scaled types with sm_120's mma: the scales lie in blocks of 128 lines, so that
// a tile has no fewer, however few rows there are (the CutlassTileConfigSM120 of TensorRT-LLM and
// FlashInfer), and k is not split.
constexpr auto kOfScaled = std::to_array<TensorTile>({{128, 128, 64, 4, 64, 32, false},
                                                      {128, 128, 128, 2, 64, 32, false},
                                                      {256, 128, 64, 3, 64, 64, false}});

// The tiles of cuBLAS 12's sm90_xmma and nvjet kernels; parts are those of a group of four warps.
// Stages are those of nvjet, which fill the shared memory: profiles of H100s and H20s show
// "nvjet_tst_64x128_64x8", "64x64_64x13", "128x32_64x10", "128x16_64x11", "64x16_64x16",
// "128x160_64x5" and "192x192_64x4".
constexpr auto kOfHopper = std::to_array<TensorTile>({{128, 256, 128, 4, 64, 256, false},
                                                      {256, 128, 128, 4, 128, 128, false},
                                                      {192, 192, 128, 4, 192, 96, false},
                                                      {128, 192, 128, 5, 64, 192, false},
                                                      {128, 160, 128, 5, 64, 160, false},
                                                      {128, 128, 128, 6, 64, 128, false},
                                                      {64, 256, 128, 5, 64, 256, false},
                                                      {64, 128, 128, 8, 64, 128, false},
                                                      {128, 64, 128, 8, 128, 64, false},
                                                      {64, 64, 128, 13, 64, 64, false},
                                                      {32, 128, 128, 10, 32, 128, false},
                                                      {16, 128, 128, 11, 16, 128, false},
                                                      {16, 64, 128, 16, 16, 64, false}});

// CUTLASS's sm100 tiles, of which pairs of CTAs make twice as many lines of one side; and those of
// few rows of cuBLAS's nvjet kernels, "nvjet_tst_64x8_64x16" and "32x64_64x16" of B200s and B300s.
constexpr auto kOfBlackwell = std::to_array<TensorTile>({{128, 256, 128, 7, 128, 256, true},
                                                         {128, 128, 128, 8, 128, 128, true},
                                                         {128, 256, 128, 4, 128, 256, false},
                                                         {128, 128, 128, 6, 128, 128, false},
                                                         {128, 64, 128, 8, 128, 64, false},
                                                         {64, 128, 128, 8, 64, 128, false},
                                                         {32, 128, 128, 8, 32, 128, false},
                                                         {32, 64, 128, 16, 32, 64, false},
                                                         {16, 128, 128, 8, 16, 128, false},
                                                         {16, 64, 128, 16, 16, 64, false},
                                                         {8, 64, 128, 16, 8, 64, false}});

std::span<const TensorTile> tiles_for(TensorInstruction instruction, bool is_scaled) {
  switch (instruction) {
    case TensorInstruction::none:
      break;
    case TensorInstruction::hmma_884:
    case TensorInstruction::hmma_1688:
      return kOfVolta;
    case TensorInstruction::hmma_16816:
      if (is_scaled) return kOfScaled;
      return kOfAmpere;
    case TensorInstruction::wgmma:
      return kOfHopper;
    case TensorInstruction::tcgen05:
      return kOfBlackwell;
  }
  return {};
}

// As libraries name them, the tile's first number along n.
std::string name_of(const TensorTile& tile, const TensorUnit& unit, DataType type) {
  const std::uint32_t k = tile.depth * 8 / unit.bits;
  switch (unit.instruction) {
    case TensorInstruction::hmma_884:
      return fmt::format("volta_{0}_s884gemm_{0}_{1}x{2}_ldg8_f2f", name_of(type), tile.columns,
                         tile.rows);
    case TensorInstruction::hmma_1688:
      return fmt::format("turing_{0}_s1688gemm_{0}_{1}x{2}_ldg8_f2f", name_of(type), tile.columns,
                         tile.rows);
    case TensorInstruction::wgmma:
      return fmt::format("sm90_gemm_{}_tilesize{}x{}x{}_stage{}", name_of(type), tile.rows,
                         tile.columns, k, tile.stages);
    case TensorInstruction::tcgen05:
      return fmt::format("sm100_gemm_{}_tilesize{}x{}x{}_stage{}{}", name_of(type),
                         tile.rows * (tile.pairs ? 2 : 1), tile.columns, k, tile.stages,
                         tile.pairs ? "_2cta" : "");
    default:
      return fmt::format("ampere_{0}_s16816gemm_{0}_{1}x{2}_stages_{3}x{4}", name_of(type),
                         tile.columns, tile.rows, k, tile.stages);
  }
}

std::uint32_t residency_of(const TensorTile& tile, const TensorUnit& unit,
                           const device::GpuSpec& gpu) {
  trace::KernelHeader header;
  header.block[0] = threads_of(tile, unit);
  header.registers = registers_of(tile, unit);
  header.shared_bytes = shared_bytes_of(tile);
  return sm::residency(gpu.sm, header).ctas;
}

// Cycles until the busiest SM is done. A strip takes it as long as the slowest of the tensor cores,
// the shared memory that feeds them (fragments pass the same pipe as what is copied there), and the
// L2's port; where few warps are there to hide it, also the way from the barrier to the first
// fragments. A CTA begins with a trip to the DRAM and ends with writing its tile. No kernel is
// faster than the DRAM moves its arrays.
double reckoned_cycles(const TensorProduct& product, const device::GpuSpec& gpu,
                       const TensorPlan& plan) {
  const TensorTile& tile = plan.tile;
  const double resident = residency_of(tile, plan.unit, gpu);
  const std::uint64_t ctas = ceil_div(product.rows, tile.rows) *
                             ceil_div(product.columns, tile.columns) * product.batch * plan.parts;
  const auto of_sm = static_cast<double>(ceil_div(ctas, gpu.sms));
  const double together = std::min(resident, of_sm);

  const double steps = tile.depth / plan.unit.step_bytes();
  const TensorWork work = work_of_step(tile, plan.unit);
  const double warps = multiplying_warps(tile, plan.unit);
  const double of_part = std::max(warps * together, 4.0) / (4 * together);
  const double busy = steps * work.count * work.step.cycles * of_part;
  constexpr double kPassesOfRead = 4;
  const double read = plan.unit.is_grouped()
                          ? steps * work.count * double(work.step.shared_bytes) * warps / 128
                          : steps * warps * fragment_reads(tile, plan.unit) * kPassesOfRead +
                                shared_bytes_of(tile) / tile.stages / 128;
  const bool has_rows = product.rows > tile.rows;
  const double halved = plan.unit.multicasts() ? (has_rows ? tile.columns : tile.rows) / 2 : 0;
  const double fetched = shared_bytes_of(tile) / tile.stages - halved * tile.depth;
  constexpr double kPortBytes = 64;
  const double of_warps = warps * together / gpu.sm.sub_partitions;
  const auto round_trip =
      static_cast<double>(gpu.sm.shared_latency.count() + gpu.sm.barrier_latency.count());
  const double exposed =
      plan.unit.is_grouped() ? 0 : round_trip * std::max(0.0, 1 - of_warps / 4) / together;
  constexpr double kTrip = 1000;  // of a strip that comes from the DRAM, one of all but one stages
  const double awaited = kTrip / (tile.stages - 1) / together;
  const double strip = std::max({busy, read, fetched / kPortBytes, awaited}) + exposed;

  const double rounds =
      double(ceil_div(ceil_div(product.k * product.unit_bytes, tile.depth), plan.parts));
  constexpr double kEnds = 2000;  // a first load and the last store, both through to the DRAM
  const double written =
      double(tile.rows) * tile.columns * (plan.parts > 1 ? 4 : product.output_bytes);
  const double compute = of_sm * (rounds * strip + kEnds / together + written / 32);

  const double sums = plan.parts > 1 ? 8.0 * plan.parts + 4 : 0;  // written, read, and a launch
  const double moved =
      double(product.of_rows.bytes + product.of_columns.bytes) +
      double(product.batch * product.rows * product.columns) * (product.output_bytes + sums);
  const auto bytes_per_cycle = static_cast<double>(device::peaks_of(gpu).dram.count()) /
                               (static_cast<double>(gpu.sm.clock.count()) * 1000);
  const double reduction = plan.parts > 1 ? 2 * kEnds : 0;
  // What the one takes hides most of what the other does.
  const double moving = moved / bytes_per_cycle;
  return std::max(compute, moving) + std::min(compute, moving) / 8 + reduction;
}

}  // namespace

TensorPlan choose_tensor(const TensorProduct& product, const device::GpuSpec& gpu,
                         const TensorUnit& unit, DataType type) {
  TensorPlan best;
  double least = 0;
  const bool is_scaled = product.scales > 0;
  const bool splits = !is_scaled || unit.is_grouped();
  for (const TensorTile& tile : tiles_for(unit.instruction, is_scaled)) {
    // A pair has 256 lines of one side: of the columns, where there are few rows.
    constexpr std::uint32_t kLinesOfCta = 128;
    const bool is_row = product.rows <= tile.rows;
    if (tile.pairs && is_row && tile.columns > kLinesOfCta) continue;
    if (residency_of(tile, unit, gpu) == 0) continue;
    const std::uint64_t rounds = ceil_div(product.k * product.unit_bytes, tile.depth);
    for (const std::uint32_t parts :
         {1U, 2U, 3U, 4U, 5U, 6U, 8U, 10U, 12U, 16U, 24U, 32U, 48U, 64U}) {
      if (parts > 1 && (!splits || product.batch > 1 || rounds / parts < 4)) break;
      const TensorPlan plan{{}, tile, unit, parts};
      const double cycles = reckoned_cycles(product, gpu, plan);
      if (best.tile.rows != 0 && cycles >= least) continue;
      best = plan;
      least = cycles;
    }
  }
  STROBE_CHECK(best.tile.rows != 0);
  best.kernel = name_of(best.tile, unit, type);
  return best;
}

}  // namespace strobe::layers
