#include "sim/trace/opcodes.h"

#include "sim/trace/registers.h"
#include "tests/support/catch.h"

using namespace strobe::trace;

namespace {

struct Expected {
  const char* text;
  Op op;
  Space space;
  int access_bytes;
  int destination_count;
};

std::vector<int> sources(const char* opcode, std::vector<std::uint8_t> listed) {
  Instruction instruction;
  const Opcode known = classify(opcode);
  instruction.op = known.op;
  expand_sources(instruction, known, listed);
  return {instruction.sources.begin(), instruction.sources.begin() + instruction.source_count};
}

}  // namespace

TEST_CASE("an opcode's modifiers say what it moves and how many registers it writes", "[trace]") {
  const Expected all[] = {
      {"LDG.E", Op::load, Space::global, 4, 1},
      {"LDG.E.U8", Op::load, Space::global, 1, 1},
      {"LDG.E.S16.SYS", Op::load, Space::global, 2, 1},
      {"LDG.E.64.CONSTANT.SYS", Op::load, Space::global, 8, 2},
      {"LDG.E.128.STRONG.GPU", Op::load, Space::global, 16, 4},
      {"LDG.E.ENL2.256", Op::load, Space::global, 32, 8},
      {"STG.E.U8", Op::store, Space::global, 1, 1},
      {"LDL.64", Op::load, Space::local, 8, 2},
      {"LDS.U.128", Op::load, Space::shared, 16, 4},
      {"LDSM.16.M88.4", Op::load, Space::shared, 16, 4},
      {"LDSM.16.M88.2", Op::load, Space::shared, 8, 2},
      {"LDSM.16.M88", Op::load, Space::shared, 4, 1},
      {"LDSM.16.MT88.4", Op::load, Space::shared, 16, 4},
      {"LDGSTS.E.BYPASS.LTC128B.128", Op::async_copy, Space::global, 16, 4},
      {"ATOMG.E.ADD.F64.RN.STRONG.GPU", Op::atomic, Space::global, 8, 2},
      {"ATOMG.E.ADD.F16x2.RN", Op::atomic, Space::global, 4, 1},
      {"RED.E.ADD.STRONG.GPU", Op::reduction, Space::global, 4, 1},
      {"ATOMS.CAS.64", Op::atomic, Space::shared, 8, 2},
      {"LDC.64", Op::constant_load, Space::none, 8, 2},
      {"LDGDEPBAR", Op::copy_commit, Space::none, 0, 1},
      {"ARRIVES.LDGSTSBAR.64", Op::copy_commit, Space::none, 0, 1},
      {"DEPBAR.LE", Op::copy_wait, Space::none, 0, 1},
      {"BAR.SYNC", Op::barrier, Space::none, 0, 1},
      {"MEMBAR.SC.GPU", Op::memory_barrier, Space::none, 0, 1},
      {"IMAD.WIDE.U32", Op::integer, Space::none, 0, 2},
      {"CS2R", Op::integer, Space::none, 0, 2},
      {"CS2R.32", Op::integer, Space::none, 0, 1},
      {"DFMA", Op::fp64, Space::none, 0, 2},
      {"F2F.F64.F32", Op::conversion, Space::none, 0, 2},
      {"F2F.F32.F64", Op::conversion, Space::none, 0, 1},
      {"I2F.S64", Op::conversion, Space::none, 0, 1},
      {"MUFU.EX2", Op::special, Space::none, 0, 1},
      {"HFMA2.MMA", Op::fp16, Space::none, 0, 1},
      {"HMMA.16816.F32", Op::tensor, Space::none, 0, 4},
      {"HMMA.16816.F16", Op::tensor, Space::none, 0, 2},
      {"HMMA.16816.F32.BF16", Op::tensor, Space::none, 0, 4},
      {"IMMA.16832.S8.S8", Op::tensor, Space::none, 0, 4},
      {"DMMA.884", Op::tensor, Space::none, 0, 4},
      {"HGMMA.64x128x16.F32", Op::tensor, Space::none, 0, 64},
      {"UIADD3", Op::uniform, Space::none, 0, 1},
      {"BRA", Op::branch, Space::none, 0, 1},
      {"EXIT", Op::exit, Space::none, 0, 1},
      {"UTMALDG.2D", Op::async_copy, Space::global, 0, 1},
      {"UBLKCP.S.G", Op::async_copy, Space::global, 0, 1},
      {"UBLKCP.G.S", Op::store, Space::global, 0, 1},
      {"FROB.X", Op::unknown, Space::none, 0, 1},
      {"", Op::unknown, Space::none, 0, 1},
  };
  for (const Expected& expected : all) {
    CAPTURE(expected.text);
    const Opcode opcode = classify(expected.text);
    CHECK(opcode.op == expected.op);
    CHECK(opcode.space == expected.space);
    CHECK(int{opcode.access_bytes} == expected.access_bytes);
    CHECK(int{opcode.destination_count} == expected.destination_count);
  }
}

TEST_CASE("only LD, ST and ATOM leave their space to the address", "[trace]") {
  for (const char* text : {"LD.E.64", "ST.E", "ATOM.E.ADD"}) CHECK(classify(text).generic);
  for (const char* text : {"LDG.E", "STG.E", "ATOMG.E.ADD", "RED.E.ADD", "LDS", "LDL"}) {
    CHECK_FALSE(classify(text).generic);
  }
}

TEST_CASE("a load waits for both halves of a 64-bit address, a store for its data as well",
          "[trace]") {
  CHECK(sources("LDG.E.128", {4}) == std::vector<int>{4, 5});
  CHECK(sources("LDG", {4}) == std::vector<int>{4});
  CHECK(sources("STG.E.128", {2, 8}) == std::vector<int>{2, 3, 8, 9, 10, 11});
  CHECK(sources("STG.E.U8", {2, 8}) == std::vector<int>{2, 3, 8});
  CHECK(sources("STG.E.64", {8}) == std::vector<int>{8, 9});
  CHECK(sources("STS.64", {3, 6}) == std::vector<int>{3, 6, 7});
  CHECK(sources("STL", {1, 0}) == std::vector<int>{1, 0});
  CHECK(sources("ATOMG.E.CAS.64", {2, 4, 6}) == std::vector<int>{2, 3, 4, 5, 6, 7});
  CHECK(sources("LDGSTS.E.128", {9, 10}) == std::vector<int>{9, 10, 11});
  CHECK(sources("DFMA", {2, 4, 6}) == std::vector<int>{2, 3, 4, 5, 6, 7});
  CHECK(sources("IADD3", {3, 54, 5}) == std::vector<int>{3, 54, 5});
}

TEST_CASE("the zero register is never waited for", "[trace]") {
  CHECK(sources("STG.E.128", {4, 255}) == std::vector<int>{4, 5});
  CHECK(sources("FADD", {255, 0}) == std::vector<int>{0});
  CHECK(sources("LDG.E", {254}) == std::vector<int>{254});
}

TEST_CASE("data registers beyond what an instruction holds are dropped", "[trace]") {
  CHECK(sources("STG.E.256", {2, 8}) == std::vector<int>{2, 3, 8, 9, 10, 11, 12});
}

TEST_CASE("the cache of opcodes answers as classify does, however many there are", "[trace]") {
  OpcodeCache cache;
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 3000; ++i) {
      const std::string text = (i % 2 == 0 ? "LDG.E.128.X" : "FROB.") + std::to_string(i);
      CAPTURE(text);
      REQUIRE(cache.find(text).op == (i % 2 == 0 ? Op::load : Op::unknown));
    }
  }
}
