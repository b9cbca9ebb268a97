// What the generator makes in memory and what comes back from its text is one and the same.

#include "sim/base/random.h"
#include "sim/trace/accelsim_writer.h"
#include "sim/trace/generate.h"
#include "sim/trace/kernel_list.h"
#include "tests/support/catch.h"
#include "tests/support/traces.h"

using namespace strobe;
using namespace strobe::test;
using namespace strobe::trace;

namespace {

KernelRecipe random_recipe(SplitMix64& random) {
  KernelRecipe recipe;
  recipe.pattern = static_cast<Pattern>(random.next() % kPatternCount);
  recipe.bytes = 1024 + 16 * (random.next() % 8192);
  recipe.warps_per_cta = static_cast<std::uint32_t>(1 + random.next() % 32);
  recipe.loads = static_cast<std::uint32_t>(1 + random.next() % 16);
  recipe.lane_bytes = 4U << random.next() % 3;
  recipe.stride = 8 * (1 + random.next() % 128);
  recipe.random_order = random.next() % 2 == 0;
  recipe.seed = random.next();
  recipe.copies_first = random.next() % 2 == 0;
  const bool can_loop = recipe.pattern != Pattern::vectoradd;
  if (can_loop) recipe.ctas = static_cast<std::uint32_t>(random.next() % 4);
  recipe.share = static_cast<Share>(random.next() % 3);
  recipe.passes = static_cast<std::uint32_t>(1 + random.next() % 2);
  recipe.loads = std::min(recipe.loads, 4U);
  if (recipe.pattern == Pattern::random_atomic) recipe.lane_bytes = 8;
  if (recipe.pattern == Pattern::read && recipe.ctas > 0) recipe.stages = 2;
  return recipe;
}

}  // namespace

TEST_CASE("generated programs read back from their text unchanged", "[trace][property]") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    SplitMix64 random(seed);
    const auto program = generate({random_recipe(random), random_recipe(random)});
    const ScratchFolder folder;
    write_accelsim(*program, folder.path("out"));
    const auto written = open_program(folder.path("out"));
    written->check();
    REQUIRE(written->steps().size() == program->steps().size());
    for (std::size_t i = 0; i < program->steps().size(); ++i) {
      const Step &step = program->steps()[i], &again = written->steps()[i];
      REQUIRE(again.what == step.what);
      REQUIRE(again.address == step.address);
      REQUIRE(again.bytes == step.bytes);
      if (step.what != Step::What::kernel) continue;
      const auto source = program->open(i), copy = written->open(i);
      CHECK(copy->header().grid == source->header().grid);
      CHECK(copy->header().block == source->header().block);
      CHECK(copy->header().registers == source->header().registers);
      const std::vector<Cta> expected = read_all(*source), got = read_all(*copy);
      REQUIRE(got.size() == expected.size());
      for (std::size_t cta = 0; cta < got.size(); ++cta) {
        REQUIRE(got[cta].index == expected[cta].index);
        REQUIRE(got[cta].warps == expected[cta].warps);
        REQUIRE(got[cta].addresses == expected[cta].addresses);
        REQUIRE(got[cta].instructions == expected[cta].instructions);
      }
    }
    CHECK(written->warnings().empty());
  }
}

TEST_CASE("a program that cannot be written leaves no file under a final name",
          "[trace][property]") {
  const ScratchFolder folder;
  const std::string file = folder.write("taken", "");
  const auto program = generate({{.bytes = 4096}});
  CHECK(error_of([&] { write_accelsim(*program, file); }).substr(0, 22) ==
        "taken: cannot be made:");
}
