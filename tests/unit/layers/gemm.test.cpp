// Matrix products: what a kernel's name says, how its tile is covered, and that no product and no
// element of the matrices is missing.

#include "sim/base/error.h"
#include "tests/support/catch.h"
#include "tests/unit/layers/layer_facts.h"

using namespace strobe;
using namespace strobe::layers;
using namespace strobe::test;

namespace {

GemmPlan plan_of(const char* layer, const char* kernel, std::array<std::uint32_t, 3> grid,
                 std::uint32_t threads) {
  return given_gemm(parse_layer(layer), {kernel, grid, {threads, 1, 1}, false});
}

}  // namespace

TEST_CASE("a kernel's name says its tile, its slices and its stages") {
  const GemmTile volta =
      plan_of("linear m=713 n=20020 k=7341", "volta_sgemm_128x64_tn", {157, 12, 1}, 128).tile;
  CHECK(volta.columns == 128);
  CHECK(volta.rows == 64);
  CHECK(volta.outputs_of_thread() == 64);
  CHECK_FALSE(volta.async);

  const GemmPlan sliced =
      plan_of("linear m=133 n=427 k=12471", "volta_sgemm_128x32_sliced1x4_tn", {4, 5, 4}, 256);
  CHECK(sliced.tile.slices == 4);
  CHECK(sliced.tile.outputs_of_thread() == 64);
  CHECK(sliced.parts == 4);

  const GemmTile hopper =
      plan_of("bmm batch=3072 m=384 n=384 k=256",
              "sm80_xmma_gemm_f32f32_f32f32_f32_nn_n_tilesize128x128x8_stage3_warpsize2x2x1_ffma",
              {3, 3, 3072}, 128)
          .tile;
  CHECK(hopper.depth == 8);
  CHECK(hopper.stages == 3);
  CHECK(hopper.async);

  const GemmTile tall =
      plan_of("bmm batch=128 m=4096 n=96 k=4096",
              "sm80_xmma_gemm_f32f32_f32f32_f32_nn_n_tilesize128x32x8_stage3_warpsize2x2x1_ffma",
              {32, 3, 128}, 128)
          .tile;
  CHECK(tall.rows_first);
  CHECK(tall.rows == 128);
  CHECK(tall.columns == 32);

  const GemmTile cutlass = plan_of("bmm batch=128 m=256 n=512 k=512",
                                   "cutlass_80_simt_sgemm_128x256_8x4_nn_align1", {4, 1, 128}, 256)
                               .tile;
  CHECK(cutlass.rows == 256);
  CHECK(cutlass.depth == 8);
  CHECK(cutlass.stages == 4);
}

TEST_CASE("a kernel that says no tile or is not launched for the layer is refused") {
  CHECK_THROWS_AS(plan_of("linear m=8 n=8 k=8", "gemv2T", {1, 1, 1}, 128), UserError);
  CHECK_THROWS_AS(plan_of("linear m=129 n=8 k=8", "volta_sgemm_128x128_tn", {1, 1, 1}, 256),
                  UserError);
}

TEST_CASE("registers of a thread are those that profilers show") {
  CHECK(registers_of({"", 128, 128, 8, 256}) == 122);
  CHECK(registers_of({"", 128, 64, 8, 128}) == 126);
  CHECK(registers_of({"", 128, 32, 8, 256}) == 55);
}

TEST_CASE("a product reads both matrices whole and writes every output once") {
  const char* const layers[] = {"linear m=70 n=130 k=36", "bmm batch=2 m=33 n=132 k=19"};
  for (const char* text : layers) {
    CAPTURE(text);
    const Layer layer = parse_layer(text);
    for (const GemmTile& tile : {GemmTile{"", 128, 64, 8, 128}, GemmTile{"", 32, 32, 32, 128, 4},
                                 GemmTile{"", 64, 64, 8, 128, 1, 3, true},
                                 GemmTile{"", 64, 32, 8, 128, 1, 3, true, true}}) {
      const auto kernel = gemm_kernel(layer, {tile, 1, SplitSum::in_place});
      const LayerFacts facts = facts_of(*kernel);
      const std::uint64_t bias = layer.op == Operator::linear ? layer.n : 0;
      CHECK(facts.loaded_words.size() == layer.batch * layer.k * (layer.m + layer.n) + bias);
      CHECK(facts.stored_words.size() == layer.batch * layer.m * layer.n);
      CHECK(facts.store_bytes == layer.batch * layer.m * layer.n * 4);
    }
  }
}

TEST_CASE("a share of a product reads and writes its part of the rows or of the columns") {
  const Layer layer = parse_layer("bmm batch=1 m=1024 n=1024 k=16");
  for (const bool rows_first : {false, true}) {
    CAPTURE(rows_first);
    const GemmTile tile{"", 64, 32, 8, 128, 1, 2, false, rows_first};
    const auto whole = gemm_kernel(layer, {tile, 1, SplitSum::in_place});
    const auto half = whole->share(2);
    REQUIRE(half);
    CHECK(whole->header().grid[0] == (rows_first ? 32 : 16));
    CHECK(half->header().cta_count() * 2 == whole->header().cta_count());
    const LayerFacts facts = facts_of(*half);
    CHECK(facts.stored_words.size() == layer.m * layer.n / 2);
    // All of the other matrix, but two neighbours take the same strip of it: 512 lines of each.
    CHECK(facts.loaded_words.size() == layer.k * (512 + 512));
  }
}

TEST_CASE("every CTA multiplies its whole tile, edges included") {
  const GemmTile tile{"", 128, 64, 8, 128};
  const auto kernel = gemm_kernel(parse_layer("bmm m=1 n=1 k=9"), {tile, 1, SplitSum::in_place});
  const LayerFacts facts = facts_of(*kernel);
  CHECK(kernel->loop_rounds() == 2);
  const std::uint64_t clears = 128 * 64;
  CHECK(facts.thread_instructions.at(trace::Op::fp32) == 128 * 64 * 16 + clears);
}

TEST_CASE("parts of k share the loop and add up") {
  const Layer layer = parse_layer("linear m=64 n=128 k=64");
  const GemmTile tile{"", 128, 64, 8, 128};
  const auto in_place = gemm_kernel(layer, {tile, 4, SplitSum::in_place});
  CHECK(in_place->header().grid == std::array<std::uint32_t, 3>{1, 1, 4});
  CHECK(in_place->loop_rounds() == 2);
  const LayerFacts facts = facts_of(*in_place);
  CHECK(facts.store_bytes == 4 * 64 * 128 * 4);
  CHECK(facts.stored_words.size() == 64 * 128);

  const GemmPlan plan{tile, 4, SplitSum::workspace};
  CHECK(facts_of(*gemm_kernel(layer, plan)).stored_words.size() == 4 * 64 * 128);
  const LayerFacts sum = facts_of(*split_sum_kernel(layer, plan));
  CHECK(sum.stored_words.size() == 64 * 128);
  CHECK(sum.loaded_words.size() == 4 * 64 * 128 + 128);
}

TEST_CASE("the chosen tile is small where a large one would leave SMs idle") {
  const device::GpuSpec gpu = small_gpu(16);
  const GemmPlan small = choose_gemm(parse_layer("bmm m=64 n=64 k=64"), gpu);
  const GemmPlan large = choose_gemm(parse_layer("bmm m=4096 n=4096 k=64"), gpu);
  CHECK(small.tile.columns * small.tile.rows <= 64 * 64);
  CHECK(large.tile.columns * large.tile.rows >= 128 * 64);
}

TEST_CASE("where the L2 is slow for its SMs a tile is taken that reads less of it") {
  // 69 rounds of 60 small tiles leave fewer SMs idle than 18 of large ones, which read half as
  // much.
  const Layer layer = parse_layer("bmm m=4096 n=4096 k=1024");
  const auto tile_with = [&](std::uint32_t channels) {
    const GemmTile tile = choose_gemm(layer, small_gpu(60, channels)).tile;
    return tile.columns * tile.rows;
  };
  CHECK(tile_with(64) == 64 * 64);
  CHECK(tile_with(2) == 128 * 128);
}

TEST_CASE("a batch of products takes one of the few kernels that the library has for batches") {
  device::GpuSpec gpu = small_gpu(16);
  const auto kernel_of = [&](const std::string& text) {
    return choose_gemm(parse_layer(text), gpu).tile.kernel;
  };
  gpu.tensor.instruction = device::TensorInstruction::hmma_16816;
  CHECK(kernel_of("bmm batch=3 m=26 n=12 k=1020") == "sgemm_128x128");
  CHECK(kernel_of("bmm m=26 n=12 k=1020") != "sgemm_128x128");
  gpu.tensor.instruction = device::TensorInstruction::hmma_884;
  CHECK(kernel_of("bmm batch=1024 m=4096 n=4096 k=64") == "sgemm_64x64");
  CHECK(kernel_of("bmm m=4096 n=4096 k=64") == "sgemm_128x128");
}

TEST_CASE("half precision without tensor cores takes half of the instructions and of the bytes") {
  for (const char* const sizes : {"linear m=256 n=192 k=128", "bmm batch=3 m=100 n=60 k=36"}) {
    CAPTURE(sizes);
    const Layer layer = parse_layer(std::string(sizes) + " dtype=fp16");
    const auto kernels = kernels_of(std::string(sizes) + " dtype=fp16");
    REQUIRE(kernels.size() == 1);
    CHECK(kernels[0]->header().name.starts_with("hgemm_"));
    LayerFacts half = facts_of(*kernels[0]);
    // The same tile in single precision.
    GemmPlan plan = choose_gemm(layer, small_gpu());
    plan.tile.element_bytes = 4;
    const auto whole_kernel = gemm_kernel(layer, plan);
    LayerFacts whole = facts_of(*whole_kernel);
    CHECK(2 * half.load_bytes == whole.load_bytes);
    CHECK(2 * half.store_bytes == whole.store_bytes);
    CHECK(half.thread_instructions[trace::Op::fp16] * 2 >=
          layer.batch * layer.m * layer.n * layer.k);
    CHECK(3 * half.thread_instructions[trace::Op::fp16] <
          2 * whole.thread_instructions[trace::Op::fp32]);
    for (std::size_t array = 0; array < 4; ++array) {
      CHECK(2 * kernels[0]->arrays()[array].bytes == whole_kernel->arrays()[array].bytes);
    }
    CHECK(kernels[0]->header().shared_bytes * 2 == whole_kernel->header().shared_bytes);
  }
  CHECK_THROWS_AS(kernels_of("linear m=64 n=64 k=64 dtype=bf16"), UserError);
}
