// Kernels over images: every element that a convolution, a pooling or a normalisation needs is
// read, and every result is written once.

#include "tests/support/catch.h"
#include "tests/unit/layers/layer_facts.h"

using namespace strobe;
using namespace strobe::layers;
using namespace strobe::test;

TEST_CASE("a convolution reads all images and filters and writes every output once") {
  for (const char* const text :
       {"conv n=3 c=5 k=70 r=3 h=11 stride=2 pad=1", "conv n=2 c=8 k=36 r=1 h=8",
        "conv n=2 c=3 k=9 r=5 s=3 h=13 w=9 stride=2 pad=2",
        "conv n=5 c=4 k=130 r=1 h=7 stride=3"}) {
    CAPTURE(text);
    const auto kernels = kernels_of(text);
    const LayerFacts facts = facts_of(*kernels.front());
    const ImageSizes image = parse_layer(text).image;
    const std::vector<Array>& arrays = kernels.front()->arrays();
    const bool skips_pixels = image.stride > image.kernel_height;
    const std::uint64_t read =
        skips_pixels ? image.images * image.channels * image.out_pixels() : arrays[0].bytes / 4;
    CHECK(words_in(facts.loaded_words, arrays[0]) == read);
    CHECK(words_in(facts.loaded_words, arrays[1]) == arrays[1].bytes / 4);
    CHECK(words_in(facts.stored_words, arrays[2]) == arrays[2].bytes / 4);
    CHECK(facts.store_bytes == arrays[2].bytes);
    CHECK(facts.loaded_words.size() == read + arrays[1].bytes / 4);
  }
}

TEST_CASE("a convolution multiplies every channel of every output, in whole tiles") {
  const auto kernels = kernels_of("conv n=2 c=72 k=128 r=1 h=16");
  const LayerFacts facts = facts_of(*kernels.front());
  const std::uint64_t products = 2ULL * 16 * 16 * 128 * 72;
  const std::uint64_t cleared = 2ULL * 16 * 16 * 128;  // accumulators
  CHECK(facts.thread_instructions.at(trace::Op::fp32) == products + cleared);
}

TEST_CASE("gradients of a convolution read what they need and write every element") {
  const char* const data = "conv_data n=2 c=6 k=20 r=3 h=10 pad=1";
  const auto of_data = kernels_of(data);
  const LayerFacts data_facts = facts_of(*of_data.front());
  for (const std::size_t array : {0UL, 1UL}) {
    CHECK(words_in(data_facts.loaded_words, of_data.front()->arrays()[array]) ==
          of_data.front()->arrays()[array].bytes / 4);
  }
  CHECK(data_facts.store_bytes == of_data.front()->arrays()[2].bytes);

  const auto of_weights = kernels_of("conv_weights n=7 c=6 k=20 r=3 h=10 pad=1");
  const Kernel& kernel = *of_weights.front();
  const LayerFacts facts = facts_of(kernel);
  for (const std::size_t array : {0UL, 1UL}) {
    CHECK(words_in(facts.loaded_words, kernel.arrays()[array]) == kernel.arrays()[array].bytes / 4);
  }
  // Each part of k is added to what the ones before it have left.
  CHECK(kernel.header().grid[2] > 1);
  CHECK(facts.store_bytes == kernel.header().grid[2] * kernel.arrays()[2].bytes);
}

TEST_CASE("strided gradients make no products with outputs that are not there") {
  const auto dense = kernels_of("conv_data n=1 c=64 k=64 r=3 h=32 pad=1");
  const auto strided = kernels_of("conv_data n=1 c=64 k=64 r=3 h=32 pad=1 stride=2");
  CHECK(strided.front()->loop_rounds() * 4 == dense.front()->loop_rounds());
}

TEST_CASE("pooling reads its windows and its gradient goes back to every pixel") {
  const auto forward = kernels_of("max_pool n=2 c=3 h=9 r=3 stride=2");
  const LayerFacts facts = facts_of(*forward.front());
  const std::uint64_t outputs = 2 * 3 * 4 * 4;
  CHECK(facts.load_bytes == outputs * 9 * 4);
  CHECK(facts.store_bytes == outputs * (4 + 8));
  const auto backward = kernels_of("max_pool_backward n=2 c=3 h=9 r=3 stride=2");
  const LayerFacts back = facts_of(*backward.front());
  CHECK(back.store_bytes == 2 * 3 * 9 * 9 * 4);
  // Every output is looked at by each of the nine pixels of its window.
  CHECK(back.load_bytes == outputs * 9 * (4 + 8));
}

TEST_CASE("a normalisation goes over its channel twice, a sum once") {
  const std::uint64_t bytes = 4ULL * 5 * 6 * 6 * 4;
  const LayerFacts norm = facts_of(*kernels_of("batch_norm n=4 c=5 h=6").front());
  CHECK(norm.load_bytes == 2 * bytes);
  CHECK(norm.store_bytes == bytes + 5 * 16);
  const LayerFacts back = facts_of(*kernels_of("batch_norm_backward n=4 c=5 h=6").front());
  CHECK(back.load_bytes == 4 * bytes);
  const LayerFacts sum = facts_of(*kernels_of("channel_sum n=4 c=5 h=6").front());
  CHECK(sum.load_bytes == bytes);
  CHECK(sum.store_bytes == 5 * 16);
}

TEST_CASE("a share of a machine has its part of a kernel over images") {
  for (const char* const text :
       {"conv n=32 c=4 k=32 r=1 h=32", "conv_data n=32 c=32 k=4 r=1 h=32",
        "conv_weights n=4 c=256 k=512 r=1 h=16", "max_pool n=2 c=64 h=32 r=2 stride=2",
        "batch_norm n=1 c=128 h=4", "gemv m=1 n=128 k=256"}) {
    CAPTURE(text);
    const auto kernels = kernels_of(text);
    const Kernel& whole = *kernels.front();
    const auto share = whole.share(2);
    REQUIRE(share != nullptr);
    CHECK(share->header().cta_count() * 2 == whole.header().cta_count());
    CHECK(share->loop_rounds() == whole.loop_rounds());
    const LayerFacts part = facts_of(*share, false), all = facts_of(whole, false);
    CHECK(part.load_bytes * 2 == all.load_bytes);
    for (std::size_t i = 0; i < whole.arrays().size(); ++i) {
      if (whole.arrays()[i].written) CHECK(share->arrays()[i].bytes * 2 == whole.arrays()[i].bytes);
    }
  }
}
