// Generated kernels whose threads loop, and those that go to random places.

#include "sim/trace/facts.h"
#include "sim/trace/generate.h"
#include "tests/support/catch.h"
#include "tests/support/traces.h"

using namespace strobe;
using namespace strobe::test;
using namespace strobe::trace;

namespace {

Counts counts_of(const KernelRecipe& recipe) {
  return gather_facts(*generate({recipe})).total;
}

KernelRecipe loop(Pattern pattern, std::uint32_t ctas) {
  KernelRecipe recipe;
  recipe.pattern = pattern;
  recipe.bytes = 96 << 10;
  recipe.lane_bytes = 8;
  recipe.ctas = ctas;
  return recipe;
}

std::vector<std::uint64_t> load_addresses(const KernelRecipe& recipe, std::size_t cta) {
  const auto program = generate({recipe});
  std::vector<std::uint64_t> addresses;
  const std::vector<Cta> ctas = read_all(*program->open(0));
  for (const Instruction& instruction : ctas.at(cta).instructions) {
    if (instruction.op == Op::load) addresses.push_back(instruction.base - recipe.base);
  }
  return addresses;
}

}  // namespace

TEST_CASE("a loop touches every sector of its arrays once, for any number of CTAs", "[trace]") {
  for (const std::uint32_t ctas : {1U, 5U, 7U, 64U}) {
    for (const Share share : {Share::interleaved, Share::chunks}) {
      CAPTURE(ctas);
      KernelRecipe recipe = loop(Pattern::triad, ctas);
      recipe.share = share;
      const Counts counts = counts_of(recipe);
      CHECK(counts.ctas == ctas);
      CHECK(counts.asked.load == 2 * 3072);
      CHECK(counts.asked.store == 3072);
      CHECK(counts.footprint_sectors == 3 * 3072);
    }
  }
}

TEST_CASE("a stream pattern reads and writes as many arrays as it says", "[trace]") {
  for (const Pattern pattern :
       {Pattern::copy, Pattern::read, Pattern::write, Pattern::scale, Pattern::add, Pattern::triad,
        Pattern::vector_triad, Pattern::dot, Pattern::update}) {
    CAPTURE(name_of(pattern));
    for (const std::uint32_t ctas : {0U, 6U}) {
      const Counts counts = counts_of(loop(pattern, ctas));
      CHECK(counts.asked.load == 3072 * streams_of(pattern).reads);
      CHECK(counts.asked.store == 3072 * streams_of(pattern).writes);
    }
  }
}

TEST_CASE("CTAs share arrays side by side, by chunks, or each has all", "[trace]") {
  KernelRecipe recipe = loop(Pattern::read, 2);
  recipe.warps_per_cta = 1;
  recipe.bytes = 4 * 256;
  CHECK(load_addresses(recipe, 1) == std::vector<std::uint64_t>{256, 768});
  recipe.share = Share::chunks;
  CHECK(load_addresses(recipe, 1) == std::vector<std::uint64_t>{512, 768});
  recipe.share = Share::whole;
  CHECK(load_addresses(recipe, 1) == std::vector<std::uint64_t>{0, 256, 512, 768});
  recipe.passes = 2;
  CHECK(load_addresses(recipe, 0).size() == 8);
}

TEST_CASE("CTAs of a later round do what those of the first did", "[trace]") {
  KernelRecipe recipe = loop(Pattern::read, 2);
  recipe.warps_per_cta = 1;
  recipe.bytes = 4 * 256;
  recipe.rounds = 3;
  CHECK(counts_of(recipe).ctas == 6);
  CHECK(counts_of(recipe).asked.load == 3 * 4 * 256 / 32);
  CHECK(load_addresses(recipe, 5) == load_addresses(recipe, 1));
}

TEST_CASE("the turns of a loop are at the same place in the code", "[trace]") {
  const auto program = generate({loop(Pattern::read, 1)});
  std::vector<std::uint32_t> places;
  const std::vector<Cta> ctas = read_all(*program->open(0));
  const Warp& warp = ctas.at(0).warps[0];
  for (std::uint32_t i = warp.first; i < warp.first + warp.count; ++i) {
    const Instruction& instruction = ctas[0].instructions[i];
    if (instruction.op == Op::branch) places.push_back(instruction.pc);
  }
  CHECK(places.size() == 48);
  CHECK(std::vector<std::uint32_t>(48, places[0]) == places);
}

TEST_CASE("staged reads copy to shared memory and wait for the oldest group", "[trace]") {
  KernelRecipe recipe = loop(Pattern::read, 2);
  recipe.stages = 3;
  const Counts counts = counts_of(recipe);
  CHECK(counts.of(RequestKind::async_copy) == 384);
  CHECK(counts.of(RequestKind::global_load) == 0);
  const auto program = generate({recipe});
  const auto ctas = read_all(*program->open(0));
  for (const Instruction& instruction : ctas[0].instructions) {
    if (instruction.op == Op::copy_wait) CHECK(instruction.immediate == 2);
  }
}

TEST_CASE("a random update stores where it has loaded", "[trace]") {
  KernelRecipe recipe = loop(Pattern::random_update, 3);
  recipe.loads = 2;
  recipe.passes = 4;
  const auto program = generate({recipe});
  const std::vector<Cta> ctas = read_all(*program->open(0));
  std::vector<std::uint64_t> loaded, stored;
  for (const Instruction& instruction : ctas.at(2).instructions) {
    if (!instruction.listed) continue;
    auto& into = instruction.op == Op::store ? stored : loaded;
    for (std::uint32_t i = 0; i < kWarpLanes; ++i) into.push_back(ctas[2].address(instruction, i));
  }
  CHECK(loaded.size() == 8 * 2 * 4 * kWarpLanes);
  CHECK(loaded == stored);
}

TEST_CASE("chases side by side start apart, and a later start goes on in the cycle", "[trace]") {
  KernelRecipe recipe = loop(Pattern::chase, 4);
  recipe.warps_per_cta = 1;
  recipe.loads = 4;
  CHECK(load_addresses(recipe, 3)[0] == 3 * (96 << 10) / 4);
  recipe.ctas = 0;
  recipe.random_order = true;
  recipe.loads = 8;
  const std::vector<std::uint64_t> all = load_addresses(recipe, 0);
  recipe.loads = 5;
  recipe.first_place = 3;
  CHECK(load_addresses(recipe, 0) == std::vector<std::uint64_t>(all.begin() + 3, all.end()));
}

TEST_CASE("what cannot loop is refused", "[trace]") {
  KernelRecipe recipe = loop(Pattern::read, 1);
  recipe.bytes = std::uint64_t{1} << 34;
  CHECK_THAT(error_of([&] { generate({recipe}); }), Catch::Contains("take more CTAs"));
  CHECK_THAT(error_of([] { generate({loop(Pattern::vectoradd, 2)}); }),
             Catch::Contains("add loops"));
  recipe = loop(Pattern::copy, 2);
  recipe.stages = 2;
  CHECK_THAT(error_of([&] { generate({recipe}); }), Catch::Contains("only reads"));
}
