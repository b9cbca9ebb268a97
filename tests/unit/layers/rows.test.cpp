// Norms, losses, embeddings and dropout, forward and back, move the bytes that PyTorch's kernels
// move, and compute what those compute.

#include "tests/support/catch.h"
#include "tests/unit/layers/layer_facts.h"

using namespace strobe;
using namespace strobe::layers;
using namespace strobe::test;

namespace {

std::vector<std::string> names_of(const std::vector<std::unique_ptr<Kernel>>& kernels) {
  std::vector<std::string> names;
  for (const auto& kernel : kernels) names.push_back(kernel->header().name);
  return names;
}

}  // namespace

TEST_CASE("RMS norm reads no shift, writes no mean, and computes less than layer norm") {
  const LayerFacts rms = facts_of(*kernels_of("rms_norm rows=5 cols=520")[0]);
  CHECK(rms.load_bytes == 5 * 520 * 4 * 3);
  CHECK(rms.loaded_words.size() == 5 * 520 + 520);
  CHECK(rms.stored_words.size() == 5 * 520 + 5);
  LayerFacts full = facts_of(*kernels_of("ln rows=5 cols=520")[0]);
  LayerFacts fewer = rms;
  CHECK(2 * fewer.thread_instructions[trace::Op::fp32] < full.thread_instructions[trace::Op::fp32]);
}

TEST_CASE("a norm's gradient goes over its rows twice, and once more for the weights") {
  struct Case {
    const char* text;
    std::uint64_t statistics, weights;  // of a row; that have a gradient
  };
  for (const Case& each : {Case{"layer_norm_backward rows=256 cols=96", 2, 2},
                           Case{"rms_norm_backward rows=256 cols=96", 1, 1}}) {
    CAPTURE(each.text);
    const auto kernels = kernels_of(each.text);
    REQUIRE(kernels.size() == 2);
    const LayerFacts rows = facts_of(*kernels[0]);
    // The gradient, the row and gamma twice; the statistics by every thread.
    CHECK(rows.load_bytes == 256 * (6 * 96 * 4 + each.statistics * 128 * 4));
    CHECK(rows.stored_words.size() == 256 * 96);
    const LayerFacts weights = facts_of(*kernels[1]);
    CHECK(kernels[1]->header().grid[0] == 3);
    CHECK(kernels[1]->header().block == std::array<std::uint32_t, 3>{32, 32, 1});
    CHECK(weights.load_bytes == 256 * (2 * 96 * 4 + each.statistics * 3 * 4));
    CHECK(weights.stored_words.size() == each.weights * 96);
    // Both find the gradient, the rows and their statistics in the same place.
    for (const std::size_t array : {0UL, 1UL, 3UL}) {
      CHECK(kernels[0]->arrays()[array].address == kernels[1]->arrays()[array].address);
    }
  }
  CHECK(names_of(kernels_of("layer_norm_backward rows=64 cols=96"))[1] ==
        "GammaBetaBackwardSimpleCUDAKernel");
}

TEST_CASE("a softmax's gradient needs the sum of a product that another kernel makes first") {
  for (const std::uint64_t columns : {100UL, 700UL, 2048UL}) {
    CAPTURE(columns);
    const std::string sizes = "rows=9 cols=" + std::to_string(columns);
    const auto kernels = kernels_of("softmax_backward " + sizes);
    REQUIRE(kernels.size() == 2);
    CHECK(kernels[0]->header().name == "vectorized_elementwise_kernel_mul");
    const LayerFacts facts = facts_of(*kernels[1]);
    // Short rows stay in registers; of long ones the gradient is read again.
    CHECK(facts.load_bytes == (columns > 1024 ? 3 : 2) * 9 * columns * 4);
    CHECK(facts.store_bytes == 9 * columns * 4);
    const auto logarithm = kernels_of("log_softmax_backward " + sizes);
    REQUIRE(logarithm.size() == 1);
    LayerFacts of_logarithm = facts_of(*logarithm[0]), of_softmax = facts;
    CHECK(of_logarithm.load_bytes == facts.load_bytes);
    CHECK(of_logarithm.thread_instructions[trace::Op::special] >= 9 * columns);
    // Nothing is divided but, of long rows, what is left over for vectors in either pass.
    CHECK(of_softmax.thread_instructions[trace::Op::special] == (columns > 1024 ? 2 * 9 * 256 : 0));
  }
}

TEST_CASE("the logarithm of a softmax divides nothing") {
  LayerFacts softmax = facts_of(*kernels_of("softmax rows=4 cols=1024")[0]);
  LayerFacts logarithm = facts_of(*kernels_of("log_softmax rows=4 cols=1024")[0]);
  CHECK(softmax.load_bytes == logarithm.load_bytes);
  CHECK(2 * logarithm.thread_instructions[trace::Op::special] ==
        softmax.thread_instructions[trace::Op::special]);
}

TEST_CASE("cross entropy picks one number of each row, and its gradient starts from zeros") {
  const auto forward = kernels_of("cross_entropy rows=70 cols=2000");
  REQUIRE(names_of(forward) == std::vector<std::string>{"cunn_SoftMaxForward",
                                                        "nll_loss_forward_reduce_cuda_kernel_2d"});
  const LayerFacts picks = facts_of(*forward[1]);
  CHECK(forward[1]->header().cta_count() == 1);
  CHECK(words_in(picks.loaded_words, forward[1]->arrays()[1]) == 70);  // of what the first wrote
  CHECK(forward[1]->arrays()[1].address == forward[0]->arrays()[1].address);
  CHECK(picks.stored_words.size() == 1);

  const auto back = kernels_of("cross_entropy_backward rows=70 cols=2000");
  REQUIRE(back.size() == 3);
  const LayerFacts zeros = facts_of(*back[0]), targets = facts_of(*back[1]);
  CHECK(zeros.load_bytes == 0);
  CHECK(zeros.store_bytes == 70 * 2000 * 4);
  CHECK(targets.store_bytes == 70 * 4);
  CHECK(words_in(targets.stored_words, back[0]->arrays()[0]) == 70);
  CHECK(back[2]->header().name == "cunn_SoftMaxBackward");
}

TEST_CASE("an embedding reads its rows, and its gradient writes the whole table first") {
  const auto forward = kernels_of("embedding rows=40 cols=256 table=1000 dtype=fp16");
  const LayerFacts facts = facts_of(*forward[0]);
  CHECK(words_in(facts.loaded_words, forward[0]->arrays()[0]) <= 40 * 128);
  CHECK(words_in(facts.loaded_words, forward[0]->arrays()[0]) > 35 * 128);  // few come twice
  CHECK(facts.store_bytes == 40 * 512);

  const auto few = kernels_of("embedding_backward rows=40 cols=256 table=1000 dtype=fp32");
  REQUIRE(few.size() == 2);
  CHECK(facts_of(*few[0]).store_bytes == 1000 * 256 * 4);
  const LayerFacts sums = facts_of(*few[1]);
  CHECK(sums.store_bytes == 40 * 256 * 4);
  CHECK(words_in(sums.loaded_words, few[1]->arrays()[1]) == 40 * 256);

  const auto many = kernels_of("embedding_backward rows=4000 cols=64 table=50257 dtype=fp32");
  CHECK(names_of(many) ==
        std::vector<std::string>{"vectorized_elementwise_kernel_fill",
                                 "DeviceRadixSortHistogramKernel", "DeviceRadixSortOnesweepKernel",
                                 "DeviceRadixSortOnesweepKernel", "DeviceUniqueByKeySweepKernel",
                                 "krn_partials_per_segment", "krn_partial_segment_offset",
                                 "compute_grad_weight", "sum_and_scatter"});
  CHECK(facts_of(*many[2]).store_bytes == 4000 * 16);
  CHECK(facts_of(*many[7]).store_bytes == 4000 * 64 * 4);
  CHECK(facts_of(*many[8]).store_bytes == 4000 * 64 * 4);
}

TEST_CASE("dropout draws four numbers at a time and leaves a byte an element for its gradient") {
  for (const char* const type : {"fp32", "fp16"}) {
    CAPTURE(type);
    const std::uint64_t bytes = std::string_view(type) == "fp32" ? 4 : 2;
    const std::string sizes = std::string(" rows=1000 cols=1024 dtype=") + type;
    const auto kernels = kernels_of("dropout" + sizes);
    LayerFacts facts = facts_of(*kernels[0], false);
    CHECK(facts.load_bytes == 1000 * 1024 * bytes);
    CHECK(facts.store_bytes == 1000 * 1024 * (bytes + 1));
    // Eighty for each four elements and for each thread's first block, and what is around them.
    const std::uint64_t least = (1000 * 1024 / 4 + kernels[0]->header().cta_count() * 256) * 80;
    CHECK(facts.thread_instructions[trace::Op::integer] > least);
    CHECK(facts.thread_instructions[trace::Op::integer] < 3 * least / 2);
    const LayerFacts back = facts_of(*kernels_of("dropout_backward" + sizes)[0], false);
    CHECK(back.load_bytes == 1000 * 1024 * (bytes + 1));
    CHECK(back.store_bytes == 1000 * 1024 * bytes);
  }
}
