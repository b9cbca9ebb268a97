#include "sim/trace/facts.h"

#include "sim/trace/kernel_list.h"
#include "tests/support/catch.h"
#include "tests/support/traces.h"

using namespace strobe;
using namespace strobe::test;
using namespace strobe::trace;

namespace {

Facts facts_of(const std::vector<std::string>& lines, const std::string& copies = "") {
  const ScratchFolder folder;
  folder.write("kernel-1.traceg", trace_header(5, "(1,1,1)", "(64,1,1)") + one_warp(lines));
  return gather_facts(
      *open_program(folder.write("kernelslist.g", copies + "kernel-1.traceg\nkernel-1.traceg\n")));
}

}  // namespace

TEST_CASE("a request asks for each sector its lanes touch once", "[trace]") {
  const Facts facts = facts_of({
      "0000 ffffffff 1 R4 LDG.E 1 R4 4 1 0x1000 4 0",          // 4 sectors
      "0010 ffffffff 1 R4 LDG.E 1 R4 4 1 0x1000 0 0",          // 1, known
      "0020 0000000f 1 R4 LDG.E 1 R4 4 2 0x1000 64 -64 64 0",  // 2, one of them new
      "0030 00000001 1 R4 LDG.E.128 1 R4 16 1 0x101c 0 0",     // 2, across a border
      "0040 00000000 1 R4 LDG.E 1 R4 4 1 0x0 0 0",             // masked off
      "0050 00000003 0 STG.E 2 R4 R6 4 1 0x1000 32 0",         // 2
      "0060 00000001 0 RED.E.ADD 2 R4 R6 4 1 0x9000 32 0",     // 1
      "0070 00000003 1 R4 LDS 1 R6 4 1 0x0 4 0",
  });
  REQUIRE(facts.kernels.size() == 2);
  const Counts& counts = facts.kernels[0].counts;
  CHECK(counts.asked.load == 9);
  CHECK(counts.asked.store == 2);
  CHECK(counts.asked.atomic == 1);
  CHECK(counts.distinct.load == 4);
  CHECK(counts.distinct.store == 2);
  CHECK(counts.distinct.atomic == 1);
  CHECK(counts.footprint_sectors == 5);
  CHECK(counts.of(RequestKind::global_load) == 4);
  CHECK(counts.of(RequestKind::global_reduction) == 1);
  CHECK(counts.of(RequestKind::shared_load) == 1);
  CHECK(counts.warp_instructions == 8);
  CHECK(counts.thread_instructions == 32 + 32 + 4 + 1 + 0 + 2 + 1 + 2);
  CHECK(counts.warps == 2);
  CHECK(counts.empty_warps == 1);
}

TEST_CASE("what two kernels touch is asked twice and distinct once", "[trace]") {
  const Facts facts = facts_of({"0000 ffffffff 1 R4 LDG.E 1 R4 4 1 0x1000 4 0"},
                               "MemcpyHtoD,0x1000,100\nMemcpyHtoD,0x2000,28\n");
  CHECK(facts.total.asked.load == 8);
  CHECK(facts.total.distinct.load == 4);
  CHECK(facts.total.footprint_sectors == 4);
  CHECK(facts.total.ctas == 2);
  CHECK(facts.copies == 2);
  CHECK(facts.copied_bytes == 128);
}

TEST_CASE("the text of the facts names the kernel, its shape and its counts", "[trace]") {
  const std::string text = to_text(
      facts_of({"0000 ffffffff 1 R4 FROB 0 0 0", "0000 ffffffff 1 R4 LDG.E 1 R4 4 1 0x1000 4 0"}));
  for (const char* part :
       {"kernel-1.traceg\n  k\n  sm_80  tracer version 5  grid (1,1,1)  block (64,1,1)",
        "requests: global load 1\n", "sectors asked: load 4  store 0  atomic 0",
        "footprint 4 = 0.1 KiB", "all 2 kernels", "host copies: 0, 0 bytes",
        "warning: unknown opcodes replayed as integer arithmetic: FROB (2 times)"}) {
    CAPTURE(part, text);
    CHECK(text.find(part) != std::string::npos);
  }
}
