// Elementwise operators, softmax and layer norm have the grids that profilers show for PyTorch's
// kernels, and touch every element as often as those do.

#include "sim/model/sm/occupancy.h"
#include "tests/support/catch.h"
#include "tests/unit/layers/layer_facts.h"

using namespace strobe;
using namespace strobe::layers;
using namespace strobe::test;

namespace {

using Extents = std::array<std::uint32_t, 3>;

// validation/measured/layers_fp32.csv has these launches.
struct Launch {
  const char* layer;
  Extents grid, block;
};

}  // namespace

TEST_CASE("kernels are launched as PyTorch launches them") {
  const Launch launches[] = {
      {"add rows=13257 cols=705", {18255, 1, 1}, {128, 1, 1}},
      {"relu rows=32768 cols=1600", {102400, 1, 1}, {128, 1, 1}},
      {"softmax rows=10537 cols=899", {2635, 1, 1}, {32, 4, 1}},
      {"softmax rows=6140 cols=1600", {6140, 1, 1}, {256, 1, 1}},
      {"softmax rows=65536 cols=10240", {65536, 1, 1}, {512, 1, 1}},
      {"ln rows=4196 cols=532", {4196, 1, 1}, {32, 4, 1}},
  };
  for (const Launch& launch : launches) {
    CAPTURE(launch.layer);
    const auto kernels = kernels_of(launch.layer);
    REQUIRE(kernels.size() == 1);
    CHECK(kernels[0]->header().grid == launch.grid);
    CHECK(kernels[0]->header().block == launch.block);
  }
}

TEST_CASE("an elementwise operator reads each input once and writes each element once") {
  for (const std::uint64_t columns : {512UL, 300UL, 1UL}) {
    const auto kernels = kernels_of("add rows=3 cols=" + std::to_string(columns));
    const LayerFacts facts = facts_of(*kernels[0]);
    CHECK(facts.load_bytes == 2 * 3 * columns * 4);
    CHECK(facts.loaded_words.size() == 2 * 3 * columns);
    CHECK(facts.store_bytes == 3 * columns * 4);
    CHECK(facts.stored_words.size() == 3 * columns);
  }
}

TEST_CASE("a short softmax reads its rows once, a long one three times") {
  const LayerFacts in_registers = facts_of(*kernels_of("softmax rows=9 cols=700")[0]);
  CHECK(in_registers.load_bytes == 9 * 700 * 4);
  CHECK(in_registers.stored_words.size() == 9 * 700);
  const LayerFacts few = facts_of(*kernels_of("softmax rows=9 cols=100")[0]);  // two rows a warp
  CHECK(few.load_bytes == 9 * 100 * 4);
  CHECK(few.store_bytes == 9 * 100 * 4);
  // Rows of 1027 elements start at every alignment to 16 bytes.
  const LayerFacts passes = facts_of(*kernels_of("softmax rows=9 cols=1027")[0]);
  CHECK(passes.load_bytes == 3 * 9 * 1027 * 4);
  CHECK(passes.loaded_words.size() == 9 * 1027);
  CHECK(passes.stored_words.size() == 9 * 1027);
}

TEST_CASE("a long softmax takes vectors only while every thread has one") {
  struct Steps {
    std::uint64_t columns, vectors, singles;  // of all warps over one row, in one pass
  };
  // 256 threads up to 2048 columns, 512 beyond: 8 and 16 warps.
  for (const Steps& steps :
       {Steps{2048, 16, 0}, Steps{1600, 8, 18}, Steps{2560, 16, 16}, Steps{3072, 16, 32}}) {
    CAPTURE(steps.columns);
    const auto kernels =
        kernels_of("softmax rows=1 cols=" + std::to_string(steps.columns) + " dtype=fp32");
    trace::Cta cta;
    kernels[0]->fill(cta, 1);
    std::uint64_t vectors = 0, singles = 0;
    for (const trace::Instruction& instruction : cta.instructions) {
      if (instruction.space != trace::Space::global || instruction.op != trace::Op::load) continue;
      ++(instruction.access_bytes == 16 ? vectors : singles);
    }
    CHECK(vectors == 3 * steps.vectors);
    CHECK(singles == 3 * steps.singles);
  }
}

TEST_CASE("a long softmax divides to find each pass's last vector, and checks every quotient") {
  LayerFacts facts = facts_of(*kernels_of("softmax rows=3 cols=2048")[0]);
  const std::uint64_t elements = 3 * 2048, threads = 3 * 256;
  CHECK(facts.thread_instructions[trace::Op::special] == 3 * elements + 3 * threads);
  CHECK(facts.thread_instructions[trace::Op::conversion] == elements + 2 * 3 * threads);
}

TEST_CASE("a V100 has three CTAs of a long softmax on an SM, an A100 four") {
  using device::TensorInstruction;
  device::GpuSpec gpu = small_gpu();
  gpu.sm.max_warps = 64;
  gpu.sm.registers = 65536;
  gpu.sm.register_unit = 256;
  const auto ctas = [&](TensorInstruction instruction, const char* text) {
    gpu.tensor.instruction = instruction;
    return sm::residency(gpu.sm, lower(parse_layer(text), gpu)[0]->header()).ctas;
  };
  CHECK(ctas(TensorInstruction::hmma_884, "softmax rows=9 cols=4096") == 3);
  CHECK(ctas(TensorInstruction::hmma_16816, "softmax rows=9 cols=4096") == 4);
  CHECK(ctas(TensorInstruction::none, "softmax rows=9 cols=4096") == 3);
  CHECK(ctas(TensorInstruction::hmma_884, "log_softmax rows=9 cols=4096") == 4);
}

TEST_CASE("a row that begins beside a multiple of 16 bytes is first brought to one") {
  const auto kernels = kernels_of("softmax rows=2 cols=1027 dtype=fp32");
  trace::Cta cta;
  cta.index = {1, 0, 0};
  kernels[0]->fill(cta, 1);
  const auto first = std::ranges::find_if(cta.instructions, [](const trace::Instruction& one) {
    return one.space == trace::Space::global;
  });
  REQUIRE(first != cta.instructions.end());
  CHECK(cta.address(*first, 0) == kernels[0]->arrays()[0].address + 1027 * 4);
  CHECK(first->active_mask == 0xFFFFFFF8);  // 1027 is 3 beyond a multiple of 4
}

TEST_CASE(
    "layer norm reads its rows twice, its weights once a row, and writes mean and deviation") {
  const LayerFacts facts = facts_of(*kernels_of("ln rows=5 cols=520")[0]);
  CHECK(facts.load_bytes == 5 * 520 * 4 * 4);
  CHECK(facts.loaded_words.size() == 5 * 520 + 2 * 520);
  CHECK(facts.stored_words.size() == 5 * 520 + 2 * 5);
}

TEST_CASE("a product with a vector reads the weights once, in their format") {
  struct Case {
    const char* text;
    std::uint64_t row_bytes;
  };
  for (const Case& each : {Case{"gemv m=1 n=37 k=512 dtype=bf16", 1024},
                           Case{"gemv m=3 n=37 k=512 dtype=bf16 weights=q4_0", 288},
                           Case{"gemv m=1 n=37 k=512 dtype=fp16 weights=nvfp4", 288},
                           Case{"gemv m=1 n=37 k=512 dtype=fp32 weights=q8_0", 544}}) {
    CAPTURE(each.text);
    const auto kernels = kernels_of(each.text);
    const Array& weights = kernels.front()->arrays()[1];
    CHECK(weights.bytes == 37 * each.row_bytes);
    const LayerFacts facts = facts_of(*kernels.front());
    std::uint64_t words = 0;
    for (const std::uint64_t word : facts.loaded_words) {
      words += word >= weights.address && word < weights.address + weights.bytes ? 1U : 0U;
    }
    CHECK(words == weights.bytes / 4);
    CHECK(facts.store_bytes ==
          parse_layer(each.text).m * 37 * bytes_of(parse_layer(each.text).type));
  }
}

TEST_CASE("attention to what came before reads its keys and values once for all queries") {
  const auto kernels = kernels_of("attention_decode batch=3 m=4 n=700 k=128 dtype=bf16");
  REQUIRE(kernels.size() == 2);  // three parts of the keys, and their sum
  CHECK(kernels.front()->header().grid[0] == 3);
  const LayerFacts facts = facts_of(*kernels.front());
  const std::uint64_t keys = 3ULL * 700 * 128 * 2, queries = 3ULL * 4 * 128 * 2;
  CHECK(facts.load_bytes ==
        2 * keys + 3 * 4 * queries);  // each warp of each part loads its queries
  CHECK(kernels_of("attention_decode batch=1 m=1 n=100 k=64 dtype=fp16").size() == 1);
}

TEST_CASE("many rows times packed weights write the weights out first, where the product is") {
  struct Case {
    const char* format;
    std::uint64_t bytes;  // of 64 x 2048 weights
  };
  for (const Case& each : {Case{"q4_0", 64 * 2048 * 18 / 32}, Case{"q8_0", 64 * 2048 * 34 / 32},
                           Case{"nvfp4", 64 * 2048 * 9 / 16}}) {
    CAPTURE(each.format);
    const std::string sizes = "linear m=64 n=64 k=2048 dtype=fp16";
    const auto kernels = kernels_of(sizes + " weights=" + each.format);
    const auto product = kernels_of(sizes);
    REQUIRE(kernels.size() == 1 + product.size());
    const LayerFacts facts = facts_of(*kernels[0]);
    CHECK(facts.load_bytes == each.bytes);
    CHECK(facts.store_bytes == 64 * 2048 * 2);
    CHECK(words_in(facts.stored_words, kernels[0]->arrays()[1]) == 64 * 2048 / 2);
    CHECK(kernels[0]->arrays()[1].address == kernels[1]->arrays()[1].address);
    CHECK(kernels[1]->header().name == product[0]->header().name);
  }
  // Few rows read them as they are.
  CHECK(kernels_of("linear m=8 n=64 k=2048 dtype=fp16 weights=q4_0").size() == 1);
}
