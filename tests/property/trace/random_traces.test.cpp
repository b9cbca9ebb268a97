// Random traces of every version, written line by line here, against the reader. What was meant is
// kept as it is written, so the oracle shares nothing with the parser.

#include <algorithm>
#include <bit>
#include <sstream>

#include "sim/base/random.h"
#include "tests/support/catch.h"
#include "tests/support/traces.h"

using namespace strobe;
using namespace strobe::test;
using namespace strobe::trace;

namespace {

struct Meant {
  std::uint32_t pc = 0, mask = 0;
  Op op{};
  std::vector<std::uint64_t> addresses;
};

struct Kind {
  const char* opcode;
  Op op;
  bool has_address;
};

constexpr Kind kKinds[] = {
    {"LDG.E.64", Op::load, true},     {"STG.E.U8", Op::store, true},
    {"LDS", Op::load, true},          {"RED.E.ADD", Op::reduction, true},
    {"FFMA", Op::fp32, false},        {"IMAD.WIDE", Op::integer, false},
    {"BAR.SYNC", Op::barrier, false}, {"LDGSTS.E.128", Op::async_copy, true},
};

class Writer {
 public:
  Writer(SplitMix64& random, int version, bool line_numbers)
      : random_(random), version_(version), line_numbers_(line_numbers) {}

  std::string line(const std::string& prefix, Meant& meant) {
    const Kind& kind = kKinds[random_.next() % std::size(kKinds)];
    std::ostringstream out;
    out << prefix;
    if (line_numbers_) out << random_.next() % 1000 << ' ';
    meant.pc = static_cast<std::uint32_t>(random_.next() % 0xFFFF) & ~0xFU;
    meant.mask = random_mask();
    meant.op = kind.op;
    out << hex(meant.pc, 4) << ' ' << hex(meant.mask, 8) << ' ';
    if (random_.next() % 2 == 0)
      out << "1 R" << random_.next() % 256 << ' ';
    else
      out << "0 ";
    const std::uint64_t sources = random_.next() % 5;
    out << kind.opcode << ' ' << sources << ' ';
    for (std::uint64_t i = 0; i < sources; ++i) out << 'R' << random_.next() % 256 << ' ';
    if (kind.has_address)
      write_addresses(out, meant);
    else
      out << "0 ";
    if (version_ >= 5 || (version_ == 4 && random_.next() % 2 == 0)) {
      out << static_cast<std::int64_t>(random_.next() % 200) - 100 << ' ';
    }
    if (version_ >= 6) out << "0 NoVal";
    return out.str();
  }

 private:
  static std::string hex(std::uint64_t value, int digits) {
    char text[32];
    std::snprintf(text, sizeof text, "%0*llx", digits, static_cast<unsigned long long>(value));
    return text;
  }

  std::uint32_t random_mask() {
    switch (random_.next() % 4) {
      case 0:
        return 0;
      case 1:
        return 0xFFFFFFFF;
      case 2:
        return 1U << random_.next() % 32;
      default:
        return static_cast<std::uint32_t>(random_.next());
    }
  }

  void write_addresses(std::ostringstream& out, Meant& meant) {
    const auto lanes = static_cast<std::size_t>(std::popcount(meant.mask));
    const std::uint64_t mode = random_.next() % 3;
    const std::uint64_t base = lanes == 0 ? 0 : random_.next() >> 16;
    out << "4 " << mode << ' ';
    const auto step = static_cast<std::int64_t>(random_.next() % 4096) - 2048;
    if (mode > 0) out << "0x" << hex(base, 1) << ' ';
    if (mode == 1) out << step << ' ';
    std::uint64_t address = base;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const auto delta = mode == 1 ? step : static_cast<std::int64_t>(random_.next() % 999) - 499;
      if (lane > 0) address += static_cast<std::uint64_t>(delta);
      if (lane > 0 && mode == 2) out << delta << ' ';
      if (mode == 0) out << "0x" << hex(address, 16) << ' ';
      meant.addresses.push_back(address);
    }
  }

  SplitMix64& random_;
  int version_;
  bool line_numbers_;
};

using Warps = std::vector<std::vector<Meant>>;  // of one CTA

void require_same(const Cta& got, const Warps& meant) {
  REQUIRE(got.warps.size() == meant.size());
  for (std::size_t warp = 0; warp < meant.size(); ++warp) {
    REQUIRE(got.warps[warp].count == meant[warp].size());
    for (std::size_t i = 0; i < meant[warp].size(); ++i) {
      const Instruction& instruction = got.instructions[got.warps[warp].first + i];
      REQUIRE(instruction.pc == meant[warp][i].pc);
      REQUIRE(instruction.active_mask == meant[warp][i].mask);
      REQUIRE(instruction.op == meant[warp][i].op);
      REQUIRE(addresses_of(got, instruction) == meant[warp][i].addresses);
    }
  }
}

std::string header_of(int version, bool line_numbers) {
  std::string header = trace_header(version, "(2,2,1)", "(96,1,1)");
  if (line_numbers) header.replace(header.find("lineinfo = 0"), 12, "lineinfo = 1");
  return header;
}

std::string place_text(std::size_t cta) {
  return std::to_string(cta % 2) + " " + std::to_string(cta / 2) + " 0 ";
}

}  // namespace

TEST_CASE("random grouped traces of every version read as they were meant", "[trace][property]") {
  for (std::uint64_t seed = 1; seed <= 140; ++seed) {
    SplitMix64 random(seed);
    const int version = static_cast<int>(seed % 7);
    const bool line_numbers = version >= 4 && random.next() % 2 == 0;
    CAPTURE(seed, version, line_numbers);
    Writer writer(random, version, line_numbers);
    std::string text = header_of(version, line_numbers);
    std::vector<Warps> meant(4, Warps(3));
    for (std::size_t cta = 0; cta < 4; ++cta) {
      text += "#BEGIN_TB\n\nthread block = " + std::to_string(cta % 2) + "," +
              std::to_string(cta / 2) + ",0\n";
      for (std::size_t warp = 0; warp < 3; ++warp) {
        const std::uint64_t count = random.next() % 6;
        text += "\nwarp = " + std::to_string(warp) + "\ninsts = " + std::to_string(count) + "\n";
        const std::string prefix =
            version < 3 ? place_text(cta) + std::to_string(warp) + " " : std::string();
        for (std::uint64_t i = 0; i < count; ++i) {
          text += writer.line(prefix, meant[cta][warp].emplace_back()) + "\n";
        }
      }
      text += "\n#END_TB\n\n";
    }
    const bool is_packed = random.next() % 2 == 0;
    const ReadBack got = read_text(is_packed ? xz_of(text) : text);
    REQUIRE(got.ctas.size() == 4);
    for (std::size_t cta = 0; cta < 4; ++cta) require_same(got.ctas[cta], meant[cta]);
  }
}

TEST_CASE("random raw traces come out grouped as they were meant", "[trace][property]") {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    SplitMix64 random(seed);
    const int version = static_cast<int>(seed % 7);
    CAPTURE(seed, version);
    Writer writer(random, version, false);
    std::string text = header_of(version, false);
    std::vector<Warps> meant(4, Warps(3));
    std::vector<std::size_t> order;  // of first appearance
    const std::uint64_t count = 40 + random.next() % 60;
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::size_t cta = i < 4 ? 3 - i : random.next() % 4, warp = random.next() % 3;
      if (std::find(order.begin(), order.end(), cta) == order.end()) order.push_back(cta);
      const std::string prefix =
          place_text(cta) + std::to_string(warp) + " " + (version == 6 ? "0 0 0 0 0 0 0 " : "");
      std::vector<Meant>& mine = meant[cta][warp];
      text += writer.line(prefix, mine.emplace_back()) + "\n";
      // A raw LDGSTS is the second of two lines; the first says where it goes in shared memory.
      if (mine.back().op == Op::async_copy) {
        const std::size_t start = text.rfind('\n', text.size() - 2) + 1;
        text += text.substr(start);
      }
    }
    const ReadBack got = read_text(text, "kernel-1.trace");
    REQUIRE(got.ctas.size() == 4);
    for (std::size_t i = 0; i < 4; ++i) require_same(got.ctas[i], meant[order[i]]);
  }
}
