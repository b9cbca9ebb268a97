#include "sim/trace/generate.h"

#include <set>

#include "sim/trace/facts.h"
#include "tests/support/catch.h"
#include "tests/support/traces.h"

using namespace strobe;
using namespace strobe::test;
using namespace strobe::trace;

namespace {

Facts facts_of(const KernelRecipe& recipe) {
  return gather_facts(*generate({recipe}));
}

std::vector<std::uint64_t> chase_addresses(KernelRecipe recipe) {
  recipe.pattern = Pattern::chase;
  const auto program = generate({recipe});
  const std::vector<Cta> ctas = read_all(*program->open(0));
  REQUIRE(ctas.size() == 1);
  std::vector<std::uint64_t> addresses;
  for (const Instruction& instruction : ctas[0].instructions) {
    if (instruction.op == Op::load) addresses.push_back(instruction.base);
  }
  return addresses;
}

}  // namespace

TEST_CASE("a copy reads and writes every sector of its arrays once", "[trace]") {
  for (const std::uint32_t lane_bytes : {4U, 8U, 16U}) {
    for (const std::uint32_t loads : {1U, 3U, 4U}) {
      CAPTURE(lane_bytes, loads);
      const Counts counts =
          facts_of({.bytes = 96 << 10, .loads = loads, .lane_bytes = lane_bytes}).total;
      CHECK(counts.asked.load == 3072);
      CHECK(counts.asked.store == 3072);
      CHECK(counts.distinct.load == 3072);
      CHECK(counts.footprint_sectors == 6144);
      CHECK(counts.of(RequestKind::global_load) == (96U << 10) / 32 / lane_bytes);
    }
  }
}

TEST_CASE("reads only read and writes only write", "[trace]") {
  const Counts read = facts_of({.pattern = Pattern::read, .bytes = 1 << 16}).total;
  CHECK(read.asked.load == 2048);
  CHECK(read.asked.store == 0);
  const Counts written = facts_of({.pattern = Pattern::write, .bytes = 1 << 16}).total;
  CHECK(written.asked.load == 0);
  CHECK(written.asked.store == 2048);
}

TEST_CASE("an array that fills no whole warp masks the lanes beyond its end", "[trace]") {
  const auto program = generate({{.pattern = Pattern::read, .bytes = 16 * 40}});
  const std::vector<Cta> ctas = read_all(*program->open(0));
  REQUIRE(ctas.size() == 1);
  std::vector<std::uint32_t> masks;
  for (const Instruction& instruction : ctas[0].instructions) {
    if (instruction.op == Op::load) masks.push_back(instruction.active_mask);
  }
  CHECK(masks == std::vector<std::uint32_t>{0xFFFFFFFF, 0xFF});
  CHECK(ctas[0].warps.size() == 8);
}

TEST_CASE("vectoradd loads two arrays and stores a third, element by element", "[trace]") {
  const Counts counts = facts_of({.pattern = Pattern::vectoradd, .bytes = 200000}).total;
  CHECK(counts.asked.load == 12500);
  CHECK(counts.asked.store == 6250);
  CHECK(counts.footprint_sectors == 18750);
}

TEST_CASE("a gather scatters the lanes of each load over its array", "[trace]") {
  const KernelRecipe recipe{.pattern = Pattern::gather, .bytes = 1 << 24};
  const Counts counts = facts_of(recipe).total;
  CHECK(counts.of(RequestKind::global_load) == 16384);
  CHECK(counts.asked.load > 16384 * 31);
  CHECK(counts.footprint_sectors > 300000);
}

TEST_CASE("a chase waits for every load and steps through its array in strides", "[trace]") {
  const std::vector<std::uint64_t> addresses =
      chase_addresses({.bytes = 1024, .loads = 10, .stride = 256, .base = 0x10000});
  CHECK(addresses == std::vector<std::uint64_t>{0x10000, 0x10100, 0x10200, 0x10300, 0x10000,
                                                0x10100, 0x10200, 0x10300, 0x10000, 0x10100});
  const auto program = generate({{.pattern = Pattern::chase, .loads = 3}});
  const Cta cta = read_all(*program->open(0)).at(0);
  REQUIRE(cta.warps.size() == 1);
  const Instruction& load = cta.instructions[6];
  CHECK(load.active_mask == 1);
  CHECK(load.destination == load.sources[0]);
  CHECK(load.destination_count == 2);
}

TEST_CASE("a random chase visits every place once before it starts over the same way", "[trace]") {
  for (const std::uint64_t places : {1U, 2U, 3U, 100U, 128U, 1000U}) {
    CAPTURE(places);
    const std::vector<std::uint64_t> addresses =
        chase_addresses({.bytes = places * 128,
                         .loads = static_cast<std::uint32_t>(2 * places),
                         .random_order = true});
    const std::set<std::uint64_t> seen(addresses.begin(),
                                       addresses.begin() + static_cast<std::ptrdiff_t>(places));
    CHECK(seen.size() == places);
    for (std::size_t i = 0; i < places; ++i) {
      if (addresses[i] != addresses[i + places]) FAIL("place " << i);
    }
  }
}

TEST_CASE("a random chase leaves no stride to predict", "[trace]") {
  const std::vector<std::uint64_t> addresses =
      chase_addresses({.bytes = 4096 * 128, .loads = 4096, .random_order = true});
  std::set<std::uint64_t> steps;
  for (std::size_t i = 1; i < addresses.size(); ++i) steps.insert(addresses[i] - addresses[i - 1]);
  CHECK(steps.size() > 1500);
}

TEST_CASE("copies to the device come first and cover what the kernel reads", "[trace]") {
  const auto program =
      generate({{.pattern = Pattern::vectoradd, .bytes = 4096, .copies_first = true}});
  const std::vector<Step>& steps = program->steps();
  REQUIRE(steps.size() == 3);
  CHECK(steps[0].address == 0x7F4000000000);
  CHECK(steps[1].address == 0x7F4000200000);
  CHECK(steps[1].bytes == 4096);
  CHECK(steps[2].what == Step::What::kernel);
}

TEST_CASE("what cannot be made is refused before it is made", "[trace]") {
  const auto refused = [](const KernelRecipe& recipe) {
    return !error_of([&] { generate({recipe}); }).empty();
  };
  CHECK(refused({.bytes = 0}));
  CHECK(refused({.bytes = 1000}));
  CHECK(refused({.warps_per_cta = 33}));
  CHECK(refused({.warps_per_cta = 0}));
  CHECK(refused({.loads = 0}));
  CHECK(refused({.loads = 17}));
  CHECK(refused({.lane_bytes = 12}));
  CHECK(refused({.lane_bytes = 32}));
  CHECK(refused({.base = 7}));
  CHECK(refused({.bytes = std::uint64_t{1} << 45}));
  CHECK(refused({.pattern = Pattern::chase, .stride = 4}));
  CHECK(refused({.pattern = Pattern::chase, .bytes = 64}));
  CHECK(refused({.pattern = Pattern::gather, .bytes = 512}));
  CHECK_FALSE(refused({.loads = 16}));
}

TEST_CASE("patterns are known by their names", "[trace]") {
  CHECK(pattern_named("chase") == Pattern::chase);
  CHECK(pattern_named("vectoradd") == Pattern::vectoradd);
  CHECK_FALSE(pattern_named("chas").has_value());
}
