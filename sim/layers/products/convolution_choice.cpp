#include "sim/layers/products/convolution_choice.h"

#include <algorithm>
#include <array>

#include "sim/base/error.h"
#include "sim/device/wiring.h"
#include "sim/layers/products/convolution.h"
#include "sim/layers/products/convolution_product.h"
#include "sim/layers/products/winograd.h"

namespace strobe::layers {
namespace {

using Kernels = std::vector<std::unique_ptr<Kernel>>;

std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) {
  return (a + b - 1) / b;
}

// FP32 lanes of an SM.
double lanes_of(const device::GpuSpec& gpu) {
  const auto interval = static_cast<double>(gpu.sm.pipes[1].interval.count());
  return 32 * gpu.sm.sub_partitions / interval;
}

// The scudnn kernels of cuDNN for FP32, columns along the pixels, as profilers show them.
const std::array<GemmTile, 3>& scudnn_tiles() {
  static const std::array<GemmTile, 3> kTiles{{{"scudnn_128x128", 128, 128, 8, 256},
                                               {"scudnn_128x64", 128, 64, 8, 128},
                                               {"scudnn_128x32", 128, 32, 8, 128}}};
  return kTiles;
}

struct Reckoned {
  GemmPlan plan;
  double cycles = 0;  // of the busiest SM's FP32 pipes
};

// Which one cuDNN takes is not published; this takes the one whose busiest SM has the fewest
// products to make, those of a small tile weighing more by what reading fragments takes. Where k is
// long and tiles are few, as in gradients of filters, k is split until every SM has two.
Reckoned choose_tile(const ConvolutionProduct& product, const device::GpuSpec& gpu,
                     bool may_split) {
  Reckoned best;
  for (const GemmTile& tile : scudnn_tiles()) {
    const std::uint64_t ctas =
        ceil_div(product.columns, tile.columns) * ceil_div(product.rows, tile.rows);
    constexpr std::uint64_t kLeastStrips = 16, kMostParts = 64;
    std::uint64_t parts = 1;
    if (may_split) {
      const std::uint64_t most =
          std::clamp(product.k / (kLeastStrips * tile.depth), std::uint64_t{1}, kMostParts);
      parts = std::min(ceil_div(2ULL * gpu.sms, ctas), most);
    }
    const auto of_sm = static_cast<double>(ceil_div(ctas * parts, gpu.sms));
    const double fragment_reads = 1 + 16.0 / tile.outputs_of_thread();
    const double products = of_sm * tile.columns * tile.rows * double(product.k) / double(parts);
    const double cycles = products * fragment_reads / lanes_of(gpu);
    if (best.plan.tile.threads != 0 && cycles >= best.cycles) continue;
    best = {{tile, static_cast<std::uint32_t>(parts), SplitSum::in_place}, cycles};
  }
  return best;
}

// A fused CTA makes the products of a 128 x 128 tile and, of every channel, 32 additions for each
// patch.
double fused_cycles(const Layer& layer, const PatchBlock& block, const device::GpuSpec& gpu) {
  const double fragment_reads = 1 + 16.0 / 64;
  const double of_channel = 128 * 128 * fragment_reads + 32 * 32;
  const auto of_sm = static_cast<double>(ceil_div(fused_ctas(layer, block), gpu.sms));
  return of_sm * of_channel * static_cast<double>(layer.image.channels) / lanes_of(gpu);
}

// Apart, the transforms take as long as their elements take to be written and read again.
double cycles_apart(const Layer& layer, const GemmPlan& plan, const device::GpuSpec& gpu) {
  const Layer products = winograd_products(layer);
  const GemmTile& tile = plan.tile;
  const std::uint64_t ctas =
      ceil_div(products.n, tile.columns) * ceil_div(products.m, tile.rows) * products.batch;
  const double fragment_reads = 1 + 16.0 / tile.outputs_of_thread();
  const double arithmetic = static_cast<double>(ceil_div(ctas, gpu.sms) * products.k) *
                            tile.columns * tile.rows * fragment_reads / lanes_of(gpu);
  const std::uint64_t elements =
      products.batch *
      (products.m * products.k + products.k * products.n + products.m * products.n);
  const double seconds = static_cast<double>(elements) * 2 * 4 /
                         static_cast<double>(device::peaks_of(gpu).dram.count());
  return arithmetic + seconds * static_cast<double>(gpu.sm.clock.count()) * 1000;
}

Kernels chosen(const Layer& layer, const device::GpuSpec& gpu) {
  const bool may_split = layer.op == Operator::convolution_weights;
  const Reckoned implicit = choose_tile(product_of(layer), gpu, may_split);
  if (is_winograd(layer)) {
    const PatchBlock block = choose_patches(layer);
    const GemmPlan plan = choose_gemm(winograd_products(layer), gpu);
    const double fused = fused_cycles(layer, block, gpu);
    const double apart = cycles_apart(layer, plan, gpu);
    if (fused < implicit.cycles && fused <= apart) return fused_winograd_kernels(layer, block);
    if (apart < implicit.cycles) return winograd_kernels_apart(layer, plan);
  }
  Kernels kernels;
  kernels.push_back(convolution_kernel(layer, implicit.plan));
  return kernels;
}

[[noreturn]] void refuse(const GivenKernel& kernel, const std::string& why) {
  throw UserError("kernel '" + kernel.name + "': " + why);
}

Kernels seen(const Layer& layer, const GivenKernel& kernel) {
  const std::string& name = kernel.name;
  const auto has = [&](std::string_view part) { return name.find(part) != std::string::npos; };
  const bool can_be_winograd = is_winograd(layer);
  const std::uint64_t ctas = std::uint64_t{kernel.grid[0]} * kernel.grid[1] * kernel.grid[2];
  if (can_be_winograd && has("winograd")) {
    const std::optional<PatchBlock> block = patches_in(name);
    if (!block) refuse(kernel, "its name says no patches");
    if (ctas != fused_ctas(layer, *block)) refuse(kernel, "its grid is not the layer's");
    return fused_winograd_kernels(layer, *block);
  }
  if (can_be_winograd && has("_sgemm_") && !has("convolve")) {
    return winograd_kernels_apart(layer, given_gemm(winograd_products(layer), kernel));
  }
  const ConvolutionProduct product = product_of(layer);
  for (const GemmTile& tile : scudnn_tiles()) {
    if (!has(tile.kernel)) continue;
    const bool fits = kernel.grid[0] == ceil_div(product.columns, tile.columns) &&
                      kernel.grid[1] == ceil_div(product.rows, tile.rows) && kernel.grid[2] == 1;
    if (!fits) refuse(kernel, "its grid is not the layer's");
    Kernels kernels;
    kernels.push_back(convolution_kernel(layer, {tile, 1, SplitSum::in_place}));
    return kernels;
  }
  refuse(kernel, "is none of those that are known for convolutions");
}

}  // namespace

std::vector<std::unique_ptr<Kernel>> convolution_kernels(const Layer& layer,
                                                         const device::GpuSpec& gpu,
                                                         const std::optional<GivenKernel>& given) {
  return given ? seen(layer, *given) : chosen(layer, gpu);
}

}  // namespace strobe::layers
