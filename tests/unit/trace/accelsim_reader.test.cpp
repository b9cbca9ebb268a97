// The outer grammar: headers, CTAs, warps, raw files, damage.

#include "sim/trace/accelsim_reader.h"

#include "sim/trace/raw_source.h"
#include "tests/support/catch.h"
#include "tests/support/traces.h"

using namespace strobe;
using namespace strobe::test;
using namespace strobe::trace;

namespace {

const std::string kExit = "0010 ffffffff 0 EXIT 0 0 0";

std::string error_of_check(const std::string& text, const std::string& name = "kernel-1.traceg") {
  return error_of([&] {
    const ScratchFolder folder;
    check_accelsim(folder.write(name, text));
  });
}

// Both the reader and the check refuse it, in the same words.
std::string error_of_both(const std::string& text, const std::string& name = "kernel-1.traceg") {
  const std::string error = error_of_text(text, name);
  CHECK(error_of_check(text, name) == error);
  return error;
}

std::string raw(std::vector<std::string> lines, int version = 5,
                const std::string& grid = "(2,1,1)", const std::string& block = "(64,1,1)") {
  std::string text = trace_header(version, grid, block);
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("a header's fields are read", "[trace]") {
  std::string text = trace_header(5, "(7,5,3)", "(8,4,2)");
  text = replaced(text, "stream id = 0", "stream id = 94000000000000");
  const auto read = [&] {
    const ScratchFolder folder;
    WarningLog log;
    return open_accelsim(folder.write("k.traceg", text), log)->header();
  };
  const KernelHeader header = read();
  CHECK(header.name == "k");
  CHECK(header.grid == std::array<std::uint32_t, 3>{7, 5, 3});
  CHECK(header.cta_count() == 105);
  CHECK(header.warps_per_cta() == 2);
  CHECK(header.architecture == 80);
  CHECK(header.stream == 94000000000000);
  CHECK(header.shared_base == 0x7f0000000000);
  CHECK(header.local_base == 0x7f0002000000);
  CHECK(header.tracer_version == 5);
}

TEST_CASE("corrupt descriptions in a header are warnings, and replay goes on", "[trace]") {
  std::string text = trace_header(5) + one_warp({kExit});
  text = replaced(text, "-nregs = 16", "-nregs = 21955");
  text = replaced(text, "-shmem = 0", "-shmem = 1");
  text = replaced(text, "-binary version = 80", "-binary version = 0");
  const ReadBack got = read_text(text);
  CHECK(got.ctas.size() == 1);
  CHECK(got.header.registers == 255);
  CHECK(got.header.shared_bytes == 1);
  REQUIRE(got.warnings.size() == 3);
  CHECK(got.warnings[0].text ==
        "header says nregs = 21955; a thread has at most 255 registers, replayed with 255");
  CHECK(got.warnings[1].text.substr(0, 30) == "header says binary version = 0");
  CHECK(got.warnings[2].text.substr(0, 21) == "header says shmem = 1");
}

TEST_CASE("a grid or block that cannot be is refused at its line", "[trace]") {
  const auto refused = [](const std::string& grid, const std::string& block) {
    return error_of_both(trace_header(5, grid, block) + one_warp({kExit}));
  };
  CHECK(refused("(0,1,1)", "(32,1,1)") ==
        "kernel-1.traceg:3: 'grid dim' is '(0,1,1)', expected sizes of at least 1");
  CHECK(refused("(1,65536,1)", "(32,1,1)").substr(0, 20) == "kernel-1.traceg:3: '");
  CHECK(refused("(1,1)", "(32,1,1)") ==
        "kernel-1.traceg:3: 'grid dim' is '(1,1)', expected three sizes such as (196,1,1)");
  CHECK(refused("(1,1,1)", "(32,32,2)") ==
        "kernel-1.traceg:4: 'block dim' is '(32,32,2)', expected at most 1024 threads");
  CHECK(error_of_both(replaced(trace_header(5), "-grid dim", "-grit dim") + one_warp({kExit})) ==
        "kernel-1.traceg:17: the header has no '-grid dim'; is this a kernel trace?");
  CHECK(error_of_both(replaced(trace_header(5), "-nregs = 16", "-nregs = 1x")) ==
        "kernel-1.traceg:6: 'nregs' is '1x', expected a whole number");
  CHECK(error_of_both("") ==
        "kernel-1.traceg: the header has no '-grid dim'; is this a kernel trace?");
}

TEST_CASE("carriage returns, blank lines and a lost format line do no harm", "[trace]") {
  std::string text = trace_header(5) + one_warp({kExit, kExit});
  text = replaced(text, "#traces format = PC mask ...\n", "");
  std::string other;
  for (const char c : text) other += c == '\n' ? std::string("\r\n\r\n") : std::string(1, c);
  CHECK(read_text(other).ctas.at(0).instructions.size() == 2);
  CHECK(error_of_check(other).empty());
}

TEST_CASE("warps may come in any order, and those that are not there are empty", "[trace]") {
  const ReadBack got = read_text(trace_header(5, "(1,1,1)", "(128,1,1)") +
                                 "#BEGIN_TB\nthread block = 0,0,0\nwarp = 2\ninsts = 1\n" + kExit +
                                 "\nwarp = 0\ninsts = 0\nwarp = 1\ninsts = 2\n" + kExit + "\n" +
                                 kExit + "\n#END_TB\n");
  const Cta& cta = got.ctas.at(0);
  REQUIRE(cta.warps.size() == 4);
  CHECK(cta.warps[0].count == 0);
  CHECK(cta.warps[1].count == 2);
  CHECK(cta.warps[1].first == 1);
  CHECK(cta.warps[2].count == 1);
  CHECK(cta.warps[3].count == 0);
}

TEST_CASE("the cluster lines of version 6 are passed over", "[trace]") {
  std::string text = trace_header(6) + one_warp({kExit + " 0 NoVal"});
  text = replaced(text, "thread block = 0,0,0\n",
                  "thread block = 0,0,0\ncluster id = 0,0,0\ncluster cta = 0,0,0\n"
                  "cluster rank = 0\n");
  CHECK(read_text(text).ctas.size() == 1);
  CHECK(error_of_check(text).empty());
}

TEST_CASE("a trace with fewer CTAs than its grid is refused with both numbers", "[trace]") {
  const std::string text =
      trace_header(5, "(3,1,1)") + one_warp({kExit}) + one_warp({kExit}, "1,0,0");
  CHECK(error_of_both(text) == "kernel-1.traceg: the grid has 3 CTAs, the trace holds 2");
  CHECK(error_of_both(trace_header(5)) ==
        "kernel-1.traceg: the grid has 1 CTAs, the trace holds 0");
  CHECK(error_of_both(trace_header(5, "(2147483647,65535,65535)") + one_warp({kExit})) ==
        "kernel-1.traceg: the grid has 9223090559730712575 CTAs, the trace holds 1");
}

TEST_CASE("a CTA outside the grid or there twice is refused", "[trace]") {
  CHECK(error_of_both(trace_header(5) + one_warp({kExit}, "1,0,0")) ==
        "kernel-1.traceg:19: thread block (1,0,0) is outside the grid (1,1,1)");
  CHECK(error_of_both(trace_header(5) + one_warp({kExit}) + one_warp({kExit})) ==
        "kernel-1.traceg:28: thread block (0,0,0) is there twice");
}

TEST_CASE("a warp the block does not have or there twice is refused", "[trace]") {
  const std::string text = trace_header(5) + one_warp({kExit});
  CHECK(error_of_both(replaced(text, "warp = 0", "warp = 1")) ==
        "kernel-1.traceg:21: warp 1 in a block of 1 warps");
  CHECK(error_of_both(replaced(text, "\n#END_TB", "warp = 0\ninsts = 0\n#END_TB")) ==
        "kernel-1.traceg:24: warp 0 is there twice in thread block (0,0,0)");
}

TEST_CASE("a warp with more or fewer lines than declared is refused", "[trace]") {
  const std::string text = trace_header(5) + one_warp({kExit, kExit});
  CHECK(error_of_both(replaced(text, "insts = 2", "insts = 3")) ==
        "kernel-1.traceg:26: warp 0 of thread block (0,0,0) declares 3 instructions, but only 2 "
        "are there");
  CHECK(error_of_both(replaced(text, "insts = 2", "insts = 1")) ==
        "kernel-1.traceg:24: expected 'warp = ' or '#END_TB': warp 0 has more lines than its "
        "'insts = ' says");
}

TEST_CASE("a file cut anywhere inside its body is refused", "[trace]") {
  const std::string header = trace_header(5);
  const std::string text = header + one_warp({kExit, kExit});
  for (std::size_t size = header.size(); size < text.size(); ++size) {
    CAPTURE(size);
    const std::string cut = text.substr(0, size);
    CHECK_FALSE(error_of_text(cut).empty());
    CHECK_FALSE(error_of_check(cut).empty());
  }
  CHECK(error_of_both(text.substr(0, text.size() - 12)) ==
        "kernel-1.traceg:24: the file ends in the middle of this line");
  CHECK(error_of_both(text.substr(0, text.size() - 1)) ==
        "kernel-1.traceg:26: the file ends in the middle of this line");
  CHECK(error_of_both(text.substr(0, text.size() - 8)) ==
        "kernel-1.traceg:25: the file ends inside thread block (0,0,0), expected 'warp = ' or "
        "'#END_TB'");
}

TEST_CASE("lines that do not belong between CTAs are refused", "[trace]") {
  const std::string text = trace_header(5) + one_warp({kExit});
  CHECK(error_of_both(replaced(text, "#BEGIN_TB\n", "")).substr(0, 20) == "kernel-1.traceg:18: ");
  CHECK(error_of_both(text + "#END_TB\n") ==
        "kernel-1.traceg:26: expected '#BEGIN_TB' between two thread blocks");
  CHECK(error_of_both(replaced(text, "thread block = 0,0,0", "thread block = 0,0")) ==
        "kernel-1.traceg:19: expected 'thread block = x,y,z'");
  CHECK(error_of_both(replaced(text, "insts = 1", "insts: 1")) ==
        "kernel-1.traceg:22: expected 'insts = ' and a number");
}

TEST_CASE("a compressed trace reads as the plain one", "[trace]") {
  const std::string text = trace_header(5) + one_warp({kExit, kExit});
  CHECK(read_text(xz_of(text), "kernel-1.traceg.xz").ctas.at(0).instructions ==
        read_text(text).ctas.at(0).instructions);
}

TEST_CASE("the interleaved lines of a raw trace are grouped by CTA and warp", "[trace]") {
  const std::string text = raw({
      "1 0 0 1 0000 ffffffff 1 R1 MOV 0 0 11",
      "0 0 0 0 0000 ffffffff 1 R1 MOV 0 0 1",
      "1 0 0 0 0000 ffffffff 1 R1 MOV 0 0 9",
      "1 0 0 1 0010 ffffffff 0 EXIT 0 0 12",
      "0 0 0 0 0010 ffffffff 0 EXIT 0 0 2",
  });
  const ReadBack got = read_text(text, "kernel-1.trace");
  REQUIRE(got.ctas.size() == 2);
  CHECK(got.ctas[0].index[0] == 1);  // in order of first appearance
  CHECK(got.ctas[0].warps[0].count == 1);
  CHECK(got.ctas[0].warps[1].count == 2);
  CHECK(got.ctas[0].instructions[2].immediate == 12);
  CHECK(got.ctas[1].index[0] == 0);
  CHECK(got.ctas[1].warps[0].count == 2);
  CHECK(got.ctas[1].warps[1].count == 0);
  CHECK(error_of_check(text, "kernel-1.trace").empty());
}

TEST_CASE("raw traces of version 6 carry eleven numbers in front", "[trace]") {
  const ReadBack got =
      read_text(raw({"0 0 0 1 0 0 0 0 0 0 0 0010 ffffffff 0 EXIT 0 0 0 0 NoVal"}, 6, "(1,1,1)"),
                "kernel-1.trace");
  CHECK(got.ctas.at(0).warps.at(1).count == 1);
}

TEST_CASE("of the two lines of a raw LDGSTS the global one stays", "[trace]") {
  const std::string shared = "0 0 0 0 0000 00000003 0 LDGSTS.E.128 2 R9 R10 16 1 0x40 16 0";
  const std::string global =
      "0 0 0 0 0000 00000003 0 LDGSTS.E.128 2 R9 R10 16 2 0x7f35f6200000 16 0";
  const std::string bar = "0 0 0 0 0010 00000003 0 ARRIVES.LDGSTSBAR.64 1 R4 8 1 0x80 0 0";
  const std::string other = "1 0 0 0 0010 ffffffff 0 EXIT 0 0 0";
  const ReadBack got =
      read_text(raw({shared, other, global, shared, global, bar, bar}), "kernel-1.trace");
  const Cta& cta = got.ctas.at(0);
  REQUIRE(cta.instructions.size() == 4);
  CHECK(cta.warps[0].count == 4);
  CHECK(addresses_of(cta, cta.instructions[0]) ==
        std::vector<std::uint64_t>{0x7f35f6200000, 0x7f35f6200010});
  CHECK(addresses_of(cta, cta.instructions[1])[0] == 0x7f35f6200000);
  CHECK(cta.instructions[2].op == Op::copy_commit);
}

TEST_CASE("raw LDGSTS lines of two PCs are two instructions, not a pair", "[trace]") {
  const auto copy = [](const std::string& pc) {
    return "0 0 0 0 " + pc + " 00000003 0 LDGSTS.E.128 2 R9 R10 16 1 0x7f35f6200000 16 0";
  };
  const ReadBack got =
      read_text(raw({copy("0010"), copy("0020"), copy("0020")}, 5, "(1,1,1)"), "kernel-1.trace");
  REQUIRE(got.ctas.at(0).instructions.size() == 2);
  CHECK(got.ctas[0].instructions[0].pc == 0x10);
  CHECK(got.ctas[0].instructions[1].pc == 0x20);
}

TEST_CASE("a raw trace gives the same CTAs however few fit into a pass", "[trace]") {
  std::vector<std::string> lines;
  for (int i = 0; i < 40; ++i) {
    lines.push_back(std::to_string(i % 5) + " 0 0 " + std::to_string(i / 5 % 2) +
                    " 0010 ffffffff 1 R1 MOV 0 0 " + std::to_string(i));
  }
  const ScratchFolder folder;
  const std::string path = folder.write("k.trace", raw(lines, 5, "(5,1,1)"));
  const auto read = [&](std::uint64_t pass_bytes) {
    WarningLog log;
    TextInput input(path);
    const FileHeader header = read_header(input, log);
    return read_all(*open_raw(input, header, log, pass_bytes));
  };
  const std::vector<Cta> at_once = read(1 << 20);
  REQUIRE(at_once.size() == 5);
  for (const std::uint64_t pass_bytes : {1U, 1000U, 1500U}) {
    const std::vector<Cta> in_passes = read(pass_bytes);
    REQUIRE(in_passes.size() == 5);
    for (std::size_t i = 0; i < 5; ++i) {
      CHECK(in_passes[i].index == at_once[i].index);
      CHECK(in_passes[i].warps == at_once[i].warps);
      CHECK(in_passes[i].instructions == at_once[i].instructions);
    }
  }
}

TEST_CASE("damage in a raw trace is refused at its line", "[trace]") {
  const std::string good = "0 0 0 0 0010 ffffffff 0 EXIT 0 0 0";
  const auto refused = [&](const std::string& line) {
    return error_of_text(raw({good, line}, 5, "(1,1,1)"), "kernel-1.trace");
  };
  CHECK(refused("0 0 1 0 0010 ffffffff 0 EXIT 0 0 0") ==
        "kernel-1.trace:18: thread block (0,0,1) is outside the grid (1,1,1)");
  CHECK(refused("0 0 0 2 0010 ffffffff 0 EXIT 0 0 0") ==
        "kernel-1.trace:18: warp 2 in a block of 2 warps");
  CHECK(refused("0 0 x 0 0010 ffffffff 0 EXIT 0 0 0") ==
        "kernel-1.trace:18: expected the numbers of a CTA and its warp, found 'x'");
  CHECK(refused("0 0 0 0 0010 fffffxff 0 EXIT 0 0 0") ==
        "kernel-1.trace:18: expected an active mask of 8 hexadecimal digits, found 'fffffxff'");
  CHECK(error_of_both(raw({good}), "kernel-1.trace") ==
        "kernel-1.trace: the grid has 2 CTAs, the trace holds 1");
  std::string cut = raw({good, good}, 5, "(1,1,1)");
  cut.pop_back();
  CHECK(error_of_both(cut, "kernel-1.trace") ==
        "kernel-1.trace:18: the file ends in the middle of this line");
}
