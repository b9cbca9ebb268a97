// Winograd's kernels read every pixel and filter, write every output once, and are what their names
// and grids say.

#include "sim/layers/products/winograd.h"
#include "sim/base/error.h"
#include "tests/support/catch.h"
#include "tests/unit/layers/layer_facts.h"

using namespace strobe;
using namespace strobe::layers;
using namespace strobe::test;

namespace {

auto kernels_seen(const char* text, const char* name, std::array<std::uint32_t, 3> grid) {
  return lower(parse_layer(text), small_gpu(), GivenKernel{name, grid, {256, 1, 1}});
}

}  // namespace

TEST_CASE("the fused kernel transforms patches as it goes and writes every output once") {
  const auto kernels =
      kernels_seen("conv n=3 c=11 k=40 r=3 h=13 pad=1",
                   "volta_scudnn_winograd_128x128_ldg1_ldg4_relu_tile148t_nt_v1", {6, 2, 1});
  REQUIRE(kernels.size() == 2);
  const LayerFacts filters = facts_of(*kernels[0]);
  CHECK(words_in(filters.loaded_words, kernels[0]->arrays()[0]) == 40 * 11 * 9);
  CHECK(filters.store_bytes == 40 * 11 * 16 * 4);

  const Kernel& main = *kernels[1];
  CHECK(main.header().grid == std::array<std::uint32_t, 3>{6, 2, 1});
  const LayerFacts facts = facts_of(main);
  CHECK(words_in(facts.loaded_words, main.arrays()[1]) == 3 * 11 * 13 * 13);
  CHECK(words_in(facts.stored_words, main.arrays()[2]) == 3 * 40 * 13 * 13);
  CHECK(facts.store_bytes == 3 * 40 * 13 * 13 * 4);
  // Of each of 12 CTAs: sums cleared, two rounds of eight channels, 24 additions for an output.
  const std::uint64_t of_thread = 64 + 2 * (32 + 8 * 64) + 4 * 24;
  CHECK(facts.thread_instructions.at(trace::Op::fp32) >= 12 * 256 * (of_thread - 2 * 28));
  CHECK(facts.thread_instructions.at(trace::Op::fp32) <= 12 * 256 * of_thread);
}

TEST_CASE("kernels apart pass 36 elements of a patch through a batched product") {
  const auto kernels =
      kernels_seen("conv n=2 c=5 k=70 r=3 h=10 pad=1", "volta_sgemm_64x64_nn", {1, 2, 36});
  REQUIRE(kernels.size() == 4);
  const std::uint64_t patches = 2 * 3 * 3;
  const LayerFacts pixels = facts_of(*kernels[0]), sums = facts_of(*kernels[3]);
  CHECK(words_in(pixels.loaded_words, kernels[0]->arrays()[0]) == 2 * 5 * 10 * 10);
  CHECK(pixels.store_bytes == 36 * 5 * patches * 4);
  CHECK(facts_of(*kernels[1]).store_bytes == 36 * 70 * 5 * 4);
  CHECK(sums.load_bytes == 36 * 70 * patches * 4);
  CHECK(sums.store_bytes == 2 * 70 * 10 * 10 * 4);
  // What one kernel writes, the next one reads.
  const std::vector<Array>& product = kernels[2]->arrays();
  CHECK(kernels[1]->arrays()[1].address == product[0].address);
  CHECK(kernels[0]->arrays()[1].address == product[1].address);
  CHECK(kernels[3]->arrays()[0].address == product[2].address);
}

TEST_CASE("a kernel that was seen must be one of the layer's") {
  const char* const layer = "conv n=3 c=11 k=40 r=3 h=13 pad=1";
  CHECK_THROWS_AS(kernels_seen(layer, "winograd_128x128_tile148t", {7, 2, 1}), UserError);
  CHECK_THROWS_AS(kernels_seen(layer, "winograd_128x128_tile999t", {6, 2, 1}), UserError);
  CHECK_THROWS_AS(kernels_seen(layer, "fft2d_r2c_32x32", {6, 2, 1}), UserError);
  CHECK(kernels_seen(layer, "scudnn_128x64_relu_small_nn_v1", {4, 1, 1}).size() == 1);
}

TEST_CASE("Winograd is taken where it makes fewer products, and only for 3 x 3 of stride 1") {
  CHECK(kernels_of("conv n=16 c=64 k=64 r=3 h=32 pad=1").size() > 1);
  CHECK(kernels_of("conv n=16 c=64 k=64 r=3 h=32 pad=1 stride=2").size() == 1);
  CHECK(kernels_of("conv n=16 c=64 k=64 r=1 h=32").size() == 1);
  CHECK(kernels_of("conv_data n=16 c=64 k=64 r=3 h=32 pad=1").size() == 1);
}
