#include "sim/layers/products/gemm_choice.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <string_view>
#include <vector>

#include "sim/base/error.h"
#include "sim/layers/products/gemm_tile_code.h"
#include "sim/model/sm/occupancy.h"

namespace strobe::layers {
namespace {

std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) {
  return (a + b - 1) / b;
}

// The SGEMM kernels of cuBLAS for compute capability 6.x to 8.x (maxwell_, volta_, ampere_sgemm_*):
// tile, threads and slices as profilers show them. In sliced kernels four groups of warps share the
// k of a strip of 32.
const std::vector<GemmTile>& known_tiles() {
  static const std::vector<GemmTile> kTiles{{"sgemm_128x128", 128, 128, 8, 256},
                                            {"sgemm_128x64", 128, 64, 8, 128},
                                            {"sgemm_64x64", 64, 64, 8, 64},
                                            {"sgemm_128x32", 128, 32, 8, 256},
                                            {"sgemm_32x128", 32, 128, 8, 256},
                                            {"sgemm_32x32_sliced1x4", 32, 32, 32, 128, 4},
                                            {"sgemm_64x32_sliced1x4", 64, 32, 32, 256, 4},
                                            {"sgemm_128x32_sliced1x4", 128, 32, 32, 256, 4}};
  return kTiles;
}

// cuBLAS has few kernels for batches of products, and runs them whatever the size: all 160 of
// measured/layers_fp32.csv on the A100 are of 128x128, those on V100 and T4 of these tiles. Nothing
// where it has more or where that is not known.
std::span<const std::string_view> tiles_of_batches(device::TensorInstruction architecture) {
  static constexpr std::array<std::string_view, 3> kOfVolta{"sgemm_64x64", "sgemm_32x128",
                                                            "sgemm_128x32"};
  static constexpr std::array<std::string_view, 4> kOfTuring{"sgemm_128x64", "sgemm_64x64",
                                                             "sgemm_128x32", "sgemm_32x128"};
  static constexpr std::array<std::string_view, 1> kOfAmpere{"sgemm_128x128"};
  switch (architecture) {
    case device::TensorInstruction::hmma_884:
      return kOfVolta;
    case device::TensorInstruction::hmma_1688:
      return kOfTuring;
    case device::TensorInstruction::hmma_16816:
      return kOfAmpere;
    default:
      return {};
  }
}

// "8x4": two numbers with an x between at the start of the text; 0 where there is none.
struct Pair {
  std::uint32_t first = 0, second = 0;
  std::size_t length = 0;
};

Pair pair_at(std::string_view text) {
  Pair pair;
  const char* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, pair.first);
  if (first.ec != std::errc{} || first.ptr == end || *first.ptr != 'x') return {};
  const auto second = std::from_chars(first.ptr + 1, end, pair.second);
  if (second.ec != std::errc{}) return {};
  pair.length = static_cast<std::size_t>(second.ptr - text.data());
  return pair;
}

// The number behind `label`, or `otherwise`.
std::uint32_t number_after(std::string_view text, std::string_view label, std::uint32_t otherwise) {
  const std::size_t at = text.find(label);
  if (at == std::string_view::npos) return otherwise;
  std::uint32_t number = otherwise;
  std::from_chars(text.data() + at + label.size(), text.data() + text.size(), number);
  return number;
}

// "volta_sgemm_128x64_nn", "sm80_xmma_gemm_..._tilesize128x64x8_stage3_...",
// "cutlass_80_simt_sgemm_256x128_8x4_nn_align1". The tile's first number runs along x: along n, but
// along m in the xmma kernels (so in the grids of all 296 of measured/layers_fp32.csv).
GemmTile tile_in(const GivenKernel& kernel) {
  const std::string_view name = kernel.name;
  GemmTile tile;
  tile.kernel = kernel.name;
  tile.threads = kernel.block[0] * kernel.block[1] * kernel.block[2];
  tile.slices = std::max(number_after(name, "sliced1x", 1), 1U);
  tile.depth = 8 * tile.slices;
  std::size_t at = name.find("tilesize");
  at = at != std::string_view::npos ? at + 8 : name.find("sgemm_") + 6;
  const Pair size = at <= name.size() ? pair_at(name.substr(at)) : Pair{};
  tile.rows_first = name.find("xmma") != std::string_view::npos;
  tile.columns = tile.rows_first ? size.second : size.first;
  tile.rows = tile.rows_first ? size.first : size.second;
  const std::string_view rest = name.substr(std::min(at + size.length, name.size()));
  if (rest.starts_with("x")) tile.depth = number_after(rest, "x", tile.depth);
  tile.stages = number_after(name, "stage", 2);
  if (name.find("cutlass") != std::string_view::npos && rest.starts_with("_")) {
    const Pair strip = pair_at(rest.substr(1));
    if (strip.first > 0) tile.depth = strip.first;
    if (strip.second > 1) tile.stages = strip.second;
  }
  tile.async = tile.stages > 2;
  const bool is_tile = tile.columns > 0 && tile.rows > 0 && tile.threads >= 32 &&
                       tile.threads % 32 == 0 && tile.depth % tile.slices == 0 &&
                       std::uint64_t{tile.columns} * tile.rows * tile.slices >= tile.threads &&
                       tile.columns <= 1024 && tile.rows <= 1024 && tile.outputs_of_thread() <= 256;
  if (!is_tile) throw UserError("kernel '" + kernel.name + "': its name and block say no tile");
  return tile;
}

// Cycles of a strip in which fragments return from shared memory, of lanes that read in pairs.
double return_cycles(const GemmTile& tile, const device::GpuSpec& gpu) {
  const ThreadSplit split(tile);
  const double warps = double(tile.threads) / 32;
  return warps * tile.depth / tile.slices * (split.columns + split.rows) /
         gpu.sm.shared_pair_registers;
}

// Bytes that the L2 has for each SM that works, in one of its cycles.
double l2_bytes_of_sm(const device::GpuSpec& gpu, std::uint64_t ctas) {
  const double clocks =
      static_cast<double>(gpu.l2.clock.count()) / static_cast<double>(gpu.sm.clock.count());
  const double all = double(gpu.slices) * double(gpu.l2.bytes_per_cycle) * clocks;
  return all / static_cast<double>(std::min<std::uint64_t>(ctas, gpu.sms));
}

// Cycles until the busiest SM is done. Every SM works off its share of the CTAs; as long as its
// resident CTAs have eight warps a sub-partition or more they keep its FP32 pipes busy, except for
// what reading fragments takes, or its shared memory or its share of the L2, where these take
// longer (a tile of 64 x 64 reads twice the bytes a product that one of 128 x 128 does); with
// fewer, each strip also costs its way through shared memory and the barrier. A CTA starts with a
// trip to the DRAM and ends with writing its tile, which the other resident CTAs hide in part.
// Parts of k that are added up in place come one after another.
double reckoned_cycles(const Layer& layer, const device::GpuSpec& gpu, const GemmPlan& plan) {
  const GemmTile& tile = plan.tile;
  trace::KernelHeader header;
  header.block[0] = tile.threads;
  header.registers = registers_of(tile);
  header.shared_bytes = shared_bytes_of(tile);
  const double resident = std::max(sm::residency(gpu.sm, header).ctas, 1U);
  const std::uint64_t ctas =
      ceil_div(layer.n, tile.columns) * ceil_div(layer.m, tile.rows) * layer.batch * plan.parts;
  const auto of_sm = static_cast<double>(ceil_div(ctas, gpu.sms));
  const auto interval = static_cast<double>(gpu.sm.pipes[1].interval.count());
  const double lanes = 32 * gpu.sm.sub_partitions / interval;

  const auto strips = static_cast<double>(ceil_div(ceil_div(layer.k, plan.parts), tile.depth));
  const double products = double(tile.columns) * tile.rows * tile.depth;
  const double words = double(tile.threads) / tile.slices * tile.depth / 8 *
                       (64.0 / tile.outputs_of_thread() + 1) / 4;
  const double of_word = tile.element_bytes / 4.0;
  const double strip_bytes =
      double(tile.depth) * (tile.columns + tile.rows) * double(tile.element_bytes);
  const double multiply =
      of_word * std::max(products / lanes + words / 32, return_cycles(tile, gpu));
  const double fetch = strip_bytes / l2_bytes_of_sm(gpu, ctas);
  // What the one takes hides most of what the other does.
  const double busy = std::max(multiply, fetch) + std::min(multiply, fetch) / 8;
  const auto round_trip =
      static_cast<double>(gpu.sm.shared_latency.count() * 2 + gpu.sm.barrier_latency.count());
  const double together = std::min(resident, of_sm);
  const double warps_of_part = together * tile.threads / 32 / gpu.sm.sub_partitions;
  const double exposed = round_trip * std::max(0.0, 1 - warps_of_part / 8);
  constexpr double kEnds = 1200;  // a first load and the last store, both through to the DRAM
  const double tile_bytes =
      double(tile.columns) * tile.rows * tile.element_bytes * (plan.parts > 1 ? 2.0 : 1.0);
  const double ends = kEnds / together + tile_bytes / 16;
  return of_sm * (strips * busy + ends) + strips * exposed * of_sm / together +
         (plan.parts - 1) * kEnds;
}

}  // namespace

std::optional<std::array<std::uint32_t, 3>> parse_extents(std::string_view text) {
  std::array<std::uint32_t, 3> extents{};
  const char* at = text.data();
  const char* const end = at + text.size();
  for (std::size_t i = 0; i < 3; ++i) {
    const auto [stop, error] = std::from_chars(at, end, extents[i]);
    const bool goes_on = stop != end;
    if (error != std::errc{} || extents[i] == 0 || goes_on != (i < 2)) return std::nullopt;
    if (goes_on && *stop != 'x') return std::nullopt;
    at = stop + 1;
  }
  return extents;
}

GemmPlan choose_gemm(const Layer& layer, const device::GpuSpec& gpu) {
  GemmPlan best;
  double least = 0;
  const bool may_split = layer.batch == 1;
  const auto only =
      may_split ? std::span<const std::string_view>{} : tiles_of_batches(gpu.tensor.instruction);
  for (GemmTile tile : known_tiles()) {
    if (!only.empty() && std::ranges::find(only, tile.kernel) == only.end()) continue;
    if (layer.type == DataType::fp16) {
      tile.kernel = "h" + tile.kernel.substr(1);
      tile.element_bytes = bytes_of(layer.type);
    }
    for (const std::uint32_t parts : {1U, 2U, 3U, 4U, 5U, 6U, 8U, 10U, 12U, 16U}) {
      if (parts > 1 && (!may_split || layer.k / parts < 4 * tile.depth)) break;
      const GemmPlan plan{tile, parts, SplitSum::in_place};
      const double cycles = reckoned_cycles(layer, gpu, plan);
      if (best.tile.threads != 0 && cycles >= least) continue;
      best = plan;
      least = cycles;
    }
  }
  return best;
}

GemmPlan given_gemm(const Layer& layer, const GivenKernel& kernel) {
  GemmPlan plan;
  plan.tile = tile_in(kernel);
  plan.sum = kernel.sums_in_workspace ? SplitSum::workspace : SplitSum::in_place;
  const std::uint32_t along_n = kernel.grid[plan.tile.rows_first ? 1 : 0];
  const std::uint32_t along_m = kernel.grid[plan.tile.rows_first ? 0 : 1];
  const bool fits = along_n == ceil_div(layer.n, plan.tile.columns) &&
                    along_m == ceil_div(layer.m, plan.tile.rows) &&
                    kernel.grid[2] % layer.batch == 0;
  if (!fits) {
    throw UserError("kernel '" + kernel.name + "': its grid is not that of " + to_text(layer));
  }
  plan.parts = static_cast<std::uint32_t>(kernel.grid[2] / layer.batch);
  return plan;
}

}  // namespace strobe::layers
