#include "sim/device/read_dram.h"

#include "sim/device/catalogue.h"
#include "tests/support/catch.h"
#include "tests/support/edited_file.h"

using namespace strobe;
using namespace strobe::device;
using strobe::test::complaint_of;

namespace {

// The message for the 2.0 Gb/s HBM2 part with `from` replaced by `to`, less the place, which must
// be that of `blamed`.
std::string complaint(std::string_view from, std::string_view to, std::string_view blamed) {
  return complaint_of(find_part("hbm2-2000"), from, to, blamed,
                      [](const std::string& file) { read_dram(file); });
}

}  // namespace

TEST_CASE("a part's file becomes its spec", "[device]") {
  const dram::PartSpec part = read_dram("hbm2-2000").part;
  CHECK(part.name == "hbm2-2000");
  CHECK(part.standard == "HBM2");
  CHECK(part.command_clock() == 1000_MHz);
  CHECK(part.burst_cycles() == Cycles(2));
  CHECK(part.geometry.banks() == 16);
  CHECK(part.geometry.row == Bytes(1024));
  CHECK(part.geometry.data_bits == 64);
  CHECK(part.peak_of_pseudo_channel() == BytesPerSecond(16'000'000'000));
  CHECK(dram::cycles_of(part, "tRCDRD") == Cycles(14));
  CHECK(dram::cycles_of(part, "tCCD_L") == Cycles(4));
  CHECK(part.refresh.kind == dram::RefreshKind::per_bank);
  CHECK(part.controller.page_policy == dram::PagePolicy::open);
  CHECK(part.controller.starvation_cap == Picoseconds(2'000'000));
  CHECK(part.mapping.bank_hash == dram::BankHash::fold);
  REQUIRE(!part.rules.empty());
  CHECK(part.rules.front().within == dram::Scope::bank);
  CHECK(part.rules.front().first == std::vector{dram::Command::activate});
  CHECK(part.rules.front().next == std::vector{dram::Command::read});
  CHECK(part.rules.front().wait == "tRCDRD");
}

TEST_CASE("impossible timings are refused with the line of the timing", "[device]") {
  CHECK(complaint("tRC = { value = \"48 ns\"", "tRC = { value = \"40 ns\"", "tRC = ") ==
        "'timing.tRC' is 40 clocks, less than tRAS + tRP = 48");
  CHECK(complaint("tFAW = { value = \"16 ns\"", "tFAW = { value = \"3 ns\"", "tFAW = ") ==
        "'timing.tFAW' is 3 clocks, less than tRRD_S = 4");
  CHECK(complaint("tCCD_S = { value = \"2 tCK\"", "tCCD_S = { value = \"1 tCK\"", "tCCD_S = ") ==
        "'timing.tCCD_S' is shorter than a burst: data would overlap");
}

TEST_CASE("a timing that nothing waits for is refused, so that a mistyped one is", "[device]") {
  constexpr std::string_view kNobody =
      "is named by no rule of this part: nothing would wait for it";
  CHECK(complaint("tRP = {",
                  "tRPP = { value = \"9 ns\", from = \"assumed\", source = \"s\" }\ntRP = {",
                  "tRPP = ") == "'timing.tRPP' " + std::string(kNobody));
  CHECK(complaint("wait = \"tRCDWR\"", "wait = \"tRCDRD\"", "tRCDWR = ") ==
        "'timing.tRCDWR' " + std::string(kNobody));
}

TEST_CASE("zero counts, marks out of order and odd geometries are refused", "[device]") {
  CHECK(complaint("channels = 8", "channels = 0", "channels = 0") ==
        "'geometry.channels' must be 1 to 4294967295");
  CHECK(complaint("bank_groups = 4", "bank_groups = 3", "bank_groups = 3") ==
        "'geometry.bank_groups' must be a power of two");
  CHECK(complaint("drain_low = 16", "drain_low = 48", "drain_low = ") ==
        "'controller.drain_low' must be below drain_high");
  CHECK(complaint("drain_high = 48", "drain_high = 65", "drain_high = ") ==
        "'controller.drain_high' must be 1 to write_queue");
}

TEST_CASE("mistakes in a rule are refused with the line in that rule", "[device]") {
  CHECK(complaint("wait = \"tRCDWR\"", "wait = \"tRCDWT\"", "wait = \"tRCDWT\"")
            .starts_with("'rule[1].wait' "));
  CHECK(complaint("next = [\"write\"]", "next = [\"wirte\"]", "\"wirte\"")
            .starts_with("'rule[1].next[0]' must be one of 'activate', 'read', 'write'"));
  CHECK(complaint("within = \"bank_group\"", "wihtin = \"bank_group\"", "wihtin") ==
        "unknown key 'rule[7].wihtin'; did you mean within?");
}

TEST_CASE("keys of no meaning and sections that are gone are refused", "[device]") {
  CHECK(complaint("rows = 32768", "rowz = 32768", "rowz") ==
        "unknown key 'geometry.rowz'; did you mean rows?");
  CHECK(complaint("[mapping]", "[maping]", "maping") ==
        "unknown key 'maping'; did you mean mapping?");
  CHECK(complaint("page_policy = \"open\"", "page_policy = \"shut\"", "page_policy") ==
        "'controller.page_policy' must be one of 'open', 'closed', 'adaptive'");
  CHECK(complaint("CL = { value = \"14 ns\"", "CL = { value = \"14 MHz\"", "CL = ") ==
        "'timing.CL' has the unit 'MHz', expected ps, ns, us, ms or s");
}
