#include "sim/model/dram/command.h"

#include "tests/support/catch.h"
#include "tests/support/dram.h"

using namespace strobe;
using namespace strobe::dram;

TEST_CASE("a command survives being written to a line and read back") {
  IssuedCommand command;
  command.command = Command::refresh_bank;
  command.pseudo_channel = 1;
  command.bank_group = 3;
  command.bank = 2;
  command.row = 32'767;
  command.column = 31;
  command.at = Instant(Picoseconds(123'456'789'012));
  std::string line;
  append_line(line, 7, command);
  CHECK(line == "123456789012 7 1 refresh_bank 3 2 32767 31\n");
  line.pop_back();
  const std::optional<CommandLine> parsed = parse_line(line);
  REQUIRE(parsed);
  CHECK(parsed->channel == 7);
  CHECK(parsed->command.command == command.command);
  CHECK(parsed->command.row == command.row);
  CHECK(parsed->command.column == command.column);
  CHECK(parsed->command.at == command.at);
}

TEST_CASE("what is no command line is not taken for one") {
  CHECK_FALSE(parse_line(""));
  CHECK_FALSE(parse_line("100 0 0 read 0 0 5"));
  CHECK_FALSE(parse_line("100 0 0 read 0 0 5 1 9"));
  CHECK_FALSE(parse_line("100 0 0 fetch 0 0 5 1"));
  CHECK_FALSE(parse_line("100 0 256 read 0 0 5 1"));
  CHECK_FALSE(parse_line("1e2 0 0 read 0 0 5 1"));
}

TEST_CASE("the checker names the rule, the distance and the command") {
  const PartSpec part = dram_test::part_named("hbm2-2000");
  CommandChecker checker(part);
  for (const char* line : {"0 0 0 activate 1 2 5 0", "13000 0 0 read 1 2 5 4"}) {
    checker.see(parse_line(line)->command);
  }
  REQUIRE(checker.violation_count() == 1);
  CHECK(describe(checker.violations()[0], 0) ==
        "tRCDRD broken (13 clocks instead of 14) [JESD235: core AC timings] "
        "by 13000 0 0 read 1 2 5 4");
}

TEST_CASE("the checker knows the states of banks") {
  const PartSpec part = dram_test::part_named("hbm2-2000");
  const auto first_violation = [&](std::initializer_list<const char*> lines) {
    CommandChecker checker(part);
    for (const char* line : lines) checker.see(parse_line(line)->command);
    return checker.violations().empty() ? std::string("none")
                                        : std::string(checker.violations()[0].rule);
  };
  CHECK(first_violation({"0 0 0 read 0 0 5 0"}) == "row open");
  CHECK(first_violation({"0 0 0 activate 0 0 5 0", "20000 0 0 read 0 0 6 0"}) == "row open");
  CHECK(first_violation({"0 0 0 activate 0 0 5 0", "99000 0 0 activate 0 0 6 0"}) == "bank closed");
  CHECK(first_violation({"0 0 0 activate 0 0 5 0", "99000 0 0 refresh_bank 0 0 0 0"}) ==
        "refresh of a closed bank");
  CHECK(first_violation({"300000 0 0 refresh_bank 0 0 0 0", "999000 0 0 refresh_bank 0 0 0 0"}) ==
        "every bank once in a round");
  // One is due every 243.75 ns; eight were ahead at the start and eight more may be put off.
  CHECK(first_violation({"243000 0 0 refresh_bank 0 0 0 0"}) == "refreshes pulled in");
  CHECK(first_violation({"244000 0 0 refresh_bank 0 0 0 0"}) == "none");
  CHECK(first_violation({"4387000 0 0 activate 0 0 5 0"}) == "none");
  CHECK(first_violation({"4388000 0 0 activate 0 0 5 0"}) == "tREFI");
  CHECK(first_violation({"500 0 0 activate 0 0 5 0"}) == "clock");
  CHECK(first_violation({"0 0 2 activate 0 0 5 0"}) == "address");
}
