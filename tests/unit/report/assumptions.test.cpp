#include "sim/report/assumptions.h"

#include "tests/support/catch.h"

using namespace strobe;
using namespace strobe::report;
using Keys = std::vector<std::string>;

namespace {

device::Sourced number(const char* key, const char* value, const char* from) {
  return {key, value, from, "a source", "gpu/sample.toml", 1};
}

const std::vector<device::Sourced> kNumbers{
    number("sm.clock", "1000 MHz", "assumed"),
    number("sm.l1.hit_latency", "28 cycles", "assumed"),
    number("crossbar.clock", "1000 MHz", "assumed"),
    number("l2.slices", "64", "assumed"),
    number("l2.ways", "16", "assumed"),
    number("l2.dram_path", "118 ns", "assumed"),
    number("l2.hit_latency", "52.2 ns", "derived"),
    number("l2.capacity", "96 KiB", "assumed"),
    number("memory.channels", "32", "datasheet"),
};

}  // namespace

TEST_CASE("assumed numbers are counted, those of the memory path named, the L2's first",
          "[report]") {
  const Assumptions found = assumptions_of(kNumbers);
  CHECK(found.numbers == 9);
  CHECK(found.assumed == 7);
  CHECK(found.latencies == Keys{"l2.dram_path", "sm.l1.hit_latency"});
  CHECK(found.bandwidths == Keys{"l2.slices", "crossbar.clock"});
}

TEST_CASE("what a run says of its assumptions names some keys and counts the rest", "[report]") {
  const Assumptions found = assumptions_of(kNumbers);
  CHECK(assumption_lines(found, 1, TextStyle{.width = 200}) ==
        "  assumed    7 of 9 numbers; latency: l2.dram_path and 1 more; bandwidth: l2.slices and 1 "
        "more\n");
  CHECK(assumption_lines({}, 1, TextStyle{}) == "");
}
