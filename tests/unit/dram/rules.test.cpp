#include "sim/model/dram/rules.h"

#include "tests/support/catch.h"
#include "tests/support/dram.h"

using namespace strobe;
using namespace strobe::dram;

namespace {

// 877 MHz: 14 ns are 12.28 clocks.
PartSpec slow_part() {
  return dram_test::part_named("hbm2-1754");
}

}  // namespace

TEST_CASE("a timing in nanoseconds is rounded up to clocks") {
  CHECK(cycles_of(slow_part(), "tRP") == Cycles(13));
  CHECK(cycles_of(slow_part(), "tCCD_L") == Cycles(4));
}

TEST_CASE("a wait adds up timings that were rounded one by one") {
  const PartSpec part = slow_part();  // CL 13, CWL 5, tWTR_L 8 (of 7.02), BL 2
  CHECK(parse_wait(part, "CL + BL + 2 tCK - CWL").cycles == Cycles(12));
  CHECK(parse_wait(part, "CWL + BL + tWTR_L").cycles == Cycles(15));
  CHECK(parse_wait(part, "3 tCK").cycles == Cycles(3));
}

TEST_CASE("a wait that cannot be read says why") {
  const PartSpec part = slow_part();
  const auto error = [&](const char* text) { return parse_wait(part, text).error; };
  CHECK(error("tRPC") == "'tRPC' is not a timing of this part");
  CHECK(error("2") == "a count must be followed by tCK");
  CHECK(error("CL CWL") == "'CWL' stands where + or - is expected");
  CHECK(error("CL +") == "ends where a timing is expected");
  CHECK(error("") == "ends where a timing is expected");
  CHECK(error("CWL - CL") == "adds up to -8 clocks");
}

TEST_CASE("of several rules for a pair only those that can bind are kept") {
  PartSpec part = slow_part();
  part.rules = {
      {Scope::bank, {Command::read}, {Command::read}, "2 tCK", 1},
      {Scope::bank_group, {Command::read}, {Command::read}, "4 tCK", 1},
      {Scope::bank_group, {Command::read}, {Command::read}, "3 tCK", 1},
      {Scope::pseudo_channel, {Command::read}, {Command::read}, "2 tCK", 1},
      {Scope::pseudo_channel, {Command::read}, {Command::read}, "2 tCK", 1},
  };
  const std::vector<Rule> rules = compile_rules(part);
  REQUIRE(rules.size() == 2);
  CHECK(rules[0].scope == Scope::bank_group);
  CHECK(rules[0].wait == Cycles(4));
  CHECK(rules[1].scope == Scope::pseudo_channel);
}

TEST_CASE("every part of the catalogue is without complaint") {
  for (const std::string& name : dram_test::part_names()) {
    CAPTURE(name);
    CHECK(check(dram_test::part_named(name)).empty());
  }
}

TEST_CASE("LPDDR5 has 16 banks in one group up to 3200 Mb/s and not beyond") {
  const auto complaints = [](const char* name, std::uint32_t banks) {
    PartSpec part = dram_test::part_named(name);
    part.geometry.bank_groups = 1;
    part.geometry.banks_per_group = banks;
    return check(part);
  };
  CHECK(complaints("lpddr5-3200", 16).empty());
  REQUIRE(complaints("lpddr5-6400", 16).size() == 1);
  CHECK(complaints("lpddr5-6400", 16)[0].key == "geometry.bank_groups");
  CHECK(complaints("lpddr5-6400", 8).empty());
}

TEST_CASE("an impossible part is refused at its key") {
  const auto complaint = [](auto spoil) {
    PartSpec part = dram_test::part_named("hbm2-2000");
    spoil(part);
    const std::vector<Complaint> complaints = check(part);
    return complaints.empty() ? std::string("none") : complaints[0].key;
  };
  const auto set = [](PartSpec& part, std::string_view name, Picoseconds value) {
    for (Timing& timing : part.timings) {
      if (timing.name == name) timing.value = value;
    }
  };
  CHECK(complaint([&](PartSpec& p) { set(p, "tRC", 40_ns); }) == "timing.tRC");
  CHECK(complaint([&](PartSpec& p) { set(p, "tFAW", 3_ns); }) == "timing.tFAW");
  CHECK(complaint([&](PartSpec& p) { set(p, "tCCD_S", 1_ns); }) == "timing.tCCD_S");
  CHECK(complaint([&](PartSpec& p) { set(p, "tRFCab", 5_us); }) == "timing.tREFI");
  CHECK(complaint([](PartSpec& p) { p.geometry.channels = 0; }) == "geometry.channels");
  CHECK(complaint([](PartSpec& p) { p.geometry.bank_groups = 3; }) == "geometry.bank_groups");
  CHECK(complaint([](PartSpec& p) { p.geometry.rows = 12'345; }) == "none");
  CHECK(complaint([](PartSpec& p) { p.timings.pop_back(); }) == "timing");
  CHECK(complaint([](PartSpec& p) { p.standard = "HBM"; }) == "part.standard");
  CHECK(complaint([](PartSpec& p) { p.rules[2].wait = "tXP"; }) == "rule[2].wait");
  CHECK(complaint([](PartSpec& p) { p.rules[2].wait = "999999 tCK + 48576 tCK"; }) ==
        "rule[2].wait");
  CHECK(complaint([](PartSpec& p) { p.rules[2].wait = "999999 tCK + 48575 tCK"; }) == "none");
  CHECK(complaint([](PartSpec& p) { p.rules[3].wait = "tRC +"; }) == "rule[3].wait");
  CHECK(complaint([](PartSpec& p) { p.rules[0].next = {Command::refresh_all}; }) == "rule[0].next");
  CHECK(complaint([](PartSpec& p) { p.refresh.banks_at_once = 3; }) == "refresh.banks_at_once");
  CHECK(complaint([](PartSpec& p) {
          p.data_clock = {"CL", "CWL"};
        }) == "data_clock");  // there are two pseudo-channels
  CHECK(complaint([](PartSpec& p) { p.controller.drain_low = 64; }) == "controller.drain_low");
  CHECK(complaint([](PartSpec& p) { p.mapping.chunk_bursts = 2; }) == "mapping.chunk_bursts");
}
