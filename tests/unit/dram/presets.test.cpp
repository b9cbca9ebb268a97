// The numbers of each part agree with one another, as those of a real chip must.

#include "tests/support/catch.h"
#include "tests/support/dram.h"

using namespace strobe;
using namespace strobe::dram;
using dram_test::cycles;

TEST_CASE("tRC is tRAS and tRP within a clock of rounding") {
  for (const std::string& name : dram_test::part_names()) {
    CAPTURE(name);
    const PartSpec part = dram_test::part_named(name);
    const double apart = cycles(part, "tRC") - cycles(part, "tRAS") - cycles(part, "tRP");
    CHECK(std::abs(apart) <= 1);
    CHECK(cycles(part, "tRAS") >= cycles(part, "tRCDRD") + cycles(part, "tRTP"));
  }
}

TEST_CASE("four activates take no less than four distances between activates") {
  for (const std::string& name : dram_test::part_names()) {
    CAPTURE(name);
    const PartSpec part = dram_test::part_named(name);
    // JESD239 (GDDR7) has neither a window of four nor a longer distance within a group.
    if (part.standard == "GDDR7") {
      CHECK(find_timing(part, "tFAW") == nullptr);
      continue;
    }
    // Each is rounded up to clocks by itself.
    CHECK(cycles(part, "tFAW") + 4 >= 4 * cycles(part, "tRRD_S"));
    CHECK(cycles(part, "tRRD_L") >= cycles(part, "tRRD_S"));
  }
}

TEST_CASE("columns as close as they may be fill the pins and no more") {
  for (const std::string& name : dram_test::part_names()) {
    CAPTURE(name);
    const PartSpec part = dram_test::part_named(name);
    CHECK(cycles_of(part, "tCCD_S") == part.burst_cycles());
    CHECK(part.burst_cycles() == Cycles(2));  // of every standard that is here
    CHECK(part.geometry.burst == Bytes(32));
    CHECK(cycles(part, "CWL") < cycles(part, "CL"));
  }
}

TEST_CASE("refresh leaves time for everything else") {
  for (const std::string& name : dram_test::part_names()) {
    CAPTURE(name);
    const PartSpec part = dram_test::part_named(name);
    const double commands = static_cast<double>(part.geometry.banks()) / part.refresh.banks_at_once;
    const double interval = cycles(part, "tREFI") / commands;
    const char* apart = find_timing(part, "tRREFD") != nullptr ? "tRREFD" : "tpbR2pbR";
    CHECK(interval > cycles(part, apart));
    CHECK(cycles(part, "tRFCpb") < cycles(part, "tRFCab"));
    CHECK(cycles(part, "tRFCab") < 0.15 * cycles(part, "tREFI"));
  }
}
