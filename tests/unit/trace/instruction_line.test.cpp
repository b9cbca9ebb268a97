// The grammar of one line, version by version and mode by mode.

#include "tests/support/catch.h"
#include "tests/support/traces.h"

using namespace strobe;
using namespace strobe::test;
using namespace strobe::trace;

namespace {

// The instruction and its resolved addresses.
struct Read {
  Instruction instruction;
  std::vector<std::uint64_t> addresses;
  std::vector<Warning> warnings;
};

Read read(int version, const std::string& line, std::string header = "") {
  if (header.empty()) header = trace_header(version);
  const ReadBack all = read_text(header + one_warp({line}));
  const Cta& cta = all.ctas.at(0);
  const Instruction& instruction = cta.instructions.at(0);
  return {instruction, addresses_of(cta, instruction), all.warnings};
}

std::string refusal(int version, const std::string& line) {
  // The header of versions from 4 on has one line more.
  const std::string text = error_of_text(trace_header(version) + one_warp({line}));
  const std::string place = version >= 4   ? "kernel-1.traceg:23: "
                            : version >= 1 ? "kernel-1.traceg:22: "
                                           : "kernel-1.traceg:21: ";
  REQUIRE(text.substr(0, place.size()) == place);
  return text.substr(place.size());
}

}  // namespace

TEST_CASE("lines of one PC are read alike only where they say the same", "[trace]") {
  const std::vector<std::string> lines{
      "00a0 ffffffff 1 R1 IADD3 2 R6 R3 0 1",   "00a0 0000000f 1 R1 IADD3 2 R6 R3 0 2",
      "00a0 ffffffff 1 R1 IADD3 2 R6 R30 0 3",  "00a0 ffffffff 1 R12 IADD3 2 R6 R3 0 4",
      "00a0 ffffffff 1 R1 IADD3.X 2 R6 R3 0 5", "00a0 ffffffff 0 EXIT 0 0 6",
      "100a0 ffffffff 1 R9 FADD 1 R8 0 7",      "00a0 ffffffff 1 R1 IADD3 2 R6 R3 0 8"};
  for (const std::size_t first : {0u, 3u, 5u}) {
    std::vector<std::string> together(lines.begin() + static_cast<std::ptrdiff_t>(first),
                                      lines.end());
    const ReadBack all = read_text(trace_header(5) + one_warp(together));
    for (std::size_t i = 0; i < together.size(); ++i) {
      CHECK(all.ctas.at(0).instructions.at(i) == read(5, together[i]).instruction);
    }
  }
}

TEST_CASE("a line of version 5 gives PC, mask, registers and its immediate", "[trace]") {
  const Instruction read_back = read_line(5, "00a0 ffff0000 1 R6 IMAD 2 R6 R3 0 -7 ");
  CHECK(read_back.pc == 0xa0);
  CHECK(read_back.active_mask == 0xffff0000);
  CHECK(read_back.op == Op::integer);
  CHECK(read_back.destination == 6);
  CHECK(read_back.destination_count == 1);
  CHECK(read_back.source_count == 2);
  CHECK(read_back.immediate == -7);
  CHECK_FALSE(read_back.has_addresses());
}

TEST_CASE("mode 1 steps by its stride from the first active lane", "[trace]") {
  const Read got = read(5, "00a0 ffffffff 1 R4 LDG.E 1 R4 4 1 0x7fb0fc430e00 4 0");
  REQUIRE(got.addresses.size() == 32);
  CHECK_FALSE(got.instruction.listed);
  CHECK(got.addresses[0] == 0x7fb0fc430e00);
  CHECK(got.addresses[31] == 0x7fb0fc430e00 + 31 * 4);
  CHECK(read(3, "00a0 000000f0 1 R4 LDG.E 1 R4 4 1 0x1000 -4").addresses ==
        std::vector<std::uint64_t>{0x1000, 0xffc, 0xff8, 0xff4});
}

TEST_CASE("mode 2 has one delta fewer than lanes and does not swallow the immediate", "[trace]") {
  const Read got = read(5, "00a0 0000000d 1 R4 LDG.E 1 R4 4 2 0x1000 16 -32 99");
  CHECK(got.addresses == std::vector<std::uint64_t>{0x1000, 0x1010, 0xff0});
  CHECK(got.instruction.immediate == 99);
}

TEST_CASE("mode 2 of a single lane has no deltas", "[trace]") {
  const Read got = read(3, "00d0 00000008 0 STG.E.U8 2 R4 R255 1 2 0x7fc8415204a3 ");
  CHECK(got.addresses == std::vector<std::uint64_t>{0x7fc8415204a3});
  CHECK(got.instruction.access_bytes == 1);
  CHECK(read(5, "00d0 00000008 0 STG.E 2 R4 R5 4 2 0x40 3").instruction.immediate == 3);
}

TEST_CASE("mode 0 lists every active lane and leaves a decimal immediate", "[trace]") {
  const Read got = read(5, "00a0 00000005 1 R4 LDG.E.64 1 R4 8 0 0x2000 0x1000 12");
  CHECK(got.addresses == std::vector<std::uint64_t>{0x2000, 0x1000});
  CHECK(got.instruction.immediate == 12);
}

TEST_CASE("a line with every lane masked off counts, but has no addresses", "[trace]") {
  const std::string line = "01f0 00000000 1 R7 LDG.E 1 R4 4 1 0x0 7";
  for (const int version : {3, 5}) {
    const Read got = read(version, line + (version == 5 ? " 0" : ""));
    CHECK(got.instruction.op == Op::load);
    CHECK(got.addresses.empty());
    CHECK_FALSE(got.instruction.has_addresses());
  }
}

TEST_CASE("the width comes from the opcode, not from the line", "[trace]") {
  const Read got = read(5, "2530 00000003 1 R92 LDSM.16.M88.4 1 R3 2 2 0x4000 144 0");
  CHECK(got.instruction.access_bytes == 16);
  CHECK(got.instruction.destination_count == 4);
  CHECK(got.instruction.space == Space::shared);
}

TEST_CASE("a constant load needs no address", "[trace]") {
  const Read got = read(5, "0df0 000000ff 1 R4 LDC.U8 0 0 0");
  CHECK(got.instruction.op == Op::constant_load);
  CHECK(got.warnings.empty());
}

TEST_CASE("versions without number to 4 need no immediate, and some of 4 have one", "[trace]") {
  CHECK(read(3, "0000 ffffffff 1 R1 MOV 0 0").instruction.op == Op::integer);
  CHECK(read(4, "0000 ffffffff 1 R1 MOV 0 0").instruction.immediate == 0);
  CHECK(read(4, "0000 ffffffff 1 R1 MOV 0 0 5").instruction.immediate == 5);
  CHECK(refusal(5, "0000 ffffffff 1 R1 MOV 0 0") ==
        "expected the immediate that ends every line from version 5 on, but the line ends");
}

TEST_CASE("old lines carry CTA and warp in front, with or without a version number", "[trace]") {
  for (const int version : {0, 1, 2}) {
    CHECK(read(version, "0 0 0 0 0010 ffffffff 1 R6 S2R 0 0").instruction.pc == 0x10);
  }
}

TEST_CASE("an old version whose lines have no prefix is believed by its lines", "[trace]") {
  CHECK(read(0, "0010 ffffffff 1 R6 S2R 0 0").instruction.pc == 0x10);
}

TEST_CASE("with line information every line starts with a number", "[trace]") {
  std::string header = trace_header(5);
  header.replace(header.find("lineinfo = 0"), 12, "lineinfo = 1");
  CHECK(read(5, "123 0010 ffffffff 1 R6 S2R 0 0 0", header).instruction.pc == 0x10);
}

TEST_CASE("fields behind the immediate are some forks' own", "[trace]") {
  const Read got =
      read(5, "0010 00000001 0 STG.E 2 R2 R4 4 2 0x80 0 STORE_DATA I32 1 REG0:T0:0x2a");
  CHECK(got.addresses == std::vector<std::uint64_t>{0x80});
  CHECK(read(3, "0010 00000001 0 STG.E 2 R2 R4 4 2 0x80 STORE_DATA I32").addresses.size() == 1);
}

TEST_CASE("generic accesses take the space whose window holds their address", "[trace]") {
  const Read shared = read(5, "0010 00000003 1 R0 LD.E 1 R2 4 1 0x7f0000000040 4 0");
  CHECK(shared.instruction.space == Space::shared);
  CHECK(shared.addresses == std::vector<std::uint64_t>{0x40, 0x44});
  const Read local = read(5, "0010 00000003 0 ST.E 2 R2 R0 4 2 0x7f0002000010 16 0");
  CHECK(local.instruction.space == Space::local);
  CHECK(local.addresses == std::vector<std::uint64_t>{0x10, 0x20});
  CHECK(read(5, "0010 00000001 1 R0 LD.E 1 R2 4 1 0x7f0001000000 0 0").instruction.space ==
        Space::global);
  CHECK(read(5, "0010 00000001 1 R0 ATOM.E.ADD 2 R2 R4 4 1 0x8000 0 0").instruction.space ==
        Space::global);
}

TEST_CASE("generic accesses without window bases are global, with one warning", "[trace]") {
  std::string header = trace_header(5);
  header.replace(header.find("0x00007f0000000000"), 18, "0x0");
  header.replace(header.find("0x00007f0002000000"), 18, "0x0");
  const Read got = read(5, "0010 00000001 1 R0 LD.E 1 R2 4 1 0x40 0 0", header);
  CHECK(got.instruction.space == Space::global);
  REQUIRE(got.warnings.size() == 1);
  CHECK(got.warnings[0].text ==
        "generic LD, ST or ATOM without window bases in the header; replayed as global");
}

TEST_CASE("unknown opcodes make one warning with a count, whatever they are", "[trace]") {
  const ReadBack got =
      read_text(trace_header(5) +
                one_warp({"0000 ffffffff 1 R1 FROB.X 0 0 0", "0010 ffffffff 1 R1 FROB.Y 0 0 0",
                          "0020 00000003 1 R1 BLAH 1 R2 4 2 0x10 8 0"}));
  REQUIRE(got.warnings.size() == 1);
  CHECK(got.warnings[0].text == "unknown opcodes replayed as integer arithmetic: FROB BLAH");
  CHECK(got.warnings[0].times == 3);
  CHECK(got.ctas[0].instructions[2].op == Op::unknown);
  CHECK(got.ctas[0].addresses.empty());
}

TEST_CASE("a memory instruction without an address is arithmetic, with a warning", "[trace]") {
  const Read got = read(5, "0010 00000001 1 R0 LDG.E 1 R2 0 0");
  CHECK(got.instruction.op == Op::integer);
  REQUIRE(got.warnings.size() == 1);
}

TEST_CASE("version 6 knows uniform and predicate registers, which nothing waits for", "[trace]") {
  const Read got = read(6, "0010 ffffffff 1 UR4 IADD3 4 R3 UR5 P0 UP1 0 7 8 NoVal");
  CHECK(got.instruction.destination == kNoRegister);
  CHECK(got.instruction.destination_count == 0);
  CHECK(got.instruction.source_count == 1);
  CHECK(got.instruction.sources[0] == 3);
  CHECK(got.instruction.immediate == 7);
  CHECK(read(6, "0010 ffffffff 1 R4 MOV 1 R3 0 18446744073709551615 Val 1 2a 1 2a")
            .instruction.immediate == -1);
}

TEST_CASE("a GMMA of version 6 has a commit flag more", "[trace]") {
  const Read got = read(6, "0010 ffffffff 1 R24 HGMMA.64x128x16.F32 1 R24 1 0 5 0 NoVal");
  CHECK(got.instruction.op == Op::tensor);
  CHECK(got.instruction.destination_count == 64);
  CHECK(got.instruction.immediate == 5);
}

TEST_CASE("a TMA load is one bulk copy in pieces of at most 128 bytes", "[trace]") {
  // Two addresses share 512 bytes: four pieces.
  const Read got = read(
      6, "0010 00000001 0 UTMALDG.2D 2 UR4 UR8 16 0x400 1 3 512 0 3 2 0x1000 0x8000 0 0 NoVal");
  CHECK(got.instruction.op == Op::async_copy);
  CHECK(got.instruction.bulk_count == 4);
  CHECK(got.instruction.access_bytes == 128);
  CHECK(got.addresses == std::vector<std::uint64_t>{0x1000, 0x1080, 0x8000, 0x8080});
  const Read deltas =
      read(6, "0010 ffffffff 0 UTMASTG.2D 0 16 0x0 0 96 0 4 0x1000 3 64 -32 0 0 NoVal");
  CHECK(deltas.instruction.op == Op::store);
  CHECK(deltas.instruction.access_bytes == 32);
  CHECK(deltas.addresses == std::vector<std::uint64_t>{0x1000, 0x1040, 0x1020});
  CHECK(deltas.instruction.address_count() == 3);
}

TEST_CASE("a copy to shared memory says whether the L2 fetches whole lines, by its opcode alone") {
  const auto flag_of = [](const std::string& opcode) {
    return read(5, "0010 00000001 0 " + opcode + " 2 R4 R8 16 0 0x400 3").instruction;
  };
  CHECK(flag_of("LDGSTS.E.BYPASS.LTC128B.128").immediate == 1);
  CHECK(flag_of("LDGSTS.E.BYPASS.128").immediate == 0);
}

TEST_CASE("a bulk copy that is predicated off or empty has no addresses", "[trace]") {
  const Read got = read(6, "0010 00000000 0 UTMALDG 0 16 0x0 0 64 0 3 1 0x1000 0 0 NoVal");
  CHECK(got.addresses.empty());
  CHECK(read(6, "0010 00000001 0 UTMALDG 0 16 0x0 0 0 0 3 0 0 0 NoVal").addresses.empty());
}

TEST_CASE("a damaged line is refused with its number and what was expected", "[trace]") {
  CHECK(refusal(5, "00x0 ffffffff 1 R1 MOV 0 0 0") == "expected a hexadecimal PC, found '00x0'");
  CHECK(refusal(5, "0000 fffgffff 1 R1 MOV 0 0 0") ==
        "expected an active mask of 8 hexadecimal digits, found 'fffgffff'");
  CHECK(refusal(5, "0000 ffff 1 R1 MOV 0 0 0") ==
        "expected an active mask of 8 hexadecimal digits, found 'ffff'");
  CHECK(refusal(5, "0000 ffffffff 2 R1 R2 MOV 0 0 0") ==
        "expected the number of destination registers, 0 or 1, found '2'");
  CHECK(refusal(5, "0000 ffffffff 1 MOV 0 0 0") == "expected a register such as R12, found 'MOV'");
  CHECK(refusal(5, "0000 ffffffff 1 R256 MOV 0 0 0") ==
        "expected a register, R0 to R255, found 'R256'");
  CHECK(refusal(5, "0000 ffffffff 0 17 0 0 0") == "expected an opcode, found '17'");
  CHECK(refusal(5, "0000 ffffffff 0 MOV 6 R1 R2 R3 R4 R5 R6 0 0") ==
        "expected the number of source registers, 0 to 5, found '6'");
  CHECK(refusal(5, "0000 ffffffff 0 ISETP.GT.AND.EX 2 R10") ==
        "expected a register such as R12, but the line ends");
  CHECK(refusal(5, "0000 ffffffff 0 EXIT 0") ==
        "expected the memory width in bytes, but the line ends");
  CHECK(refusal(5, "0000 ffffffff 1 R0 LDG.E 1 R2 4 3 0x10 4 0") ==
        "expected an address mode, 0 to 2, found '3'");
  CHECK(refusal(5, "0000 00000003 1 R0 LDG.E 1 R2 4 0 0x10") ==
        "expected an address for every active lane, but the line ends");
  CHECK(refusal(3, "0000 00000003 1 R0 LDG.E 1 R2 4 2 0x10") ==
        "expected an address delta, but the line ends");
  CHECK(refusal(3, "0000 00000003 1 R0 LDG.E 1 R2 4 1 0xzz 4") ==
        "expected a base address, found 'zz'");
  CHECK(refusal(3, "0000 00000003 1 R0 LDG.E 1 R2 4 1 0x10") ==
        "expected a stride, but the line ends");
  CHECK(refusal(3, "0000 00000001 1 R0 LDG.E 1 R2 4 2 0x11112222333344445") ==
        "expected a base address, found '11112222333344445'");
}
