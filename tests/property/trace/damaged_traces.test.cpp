// Valid inputs with random damage: each must read or be refused by a UserError, never anything
// else. The seeds are fixed, so this is the same test everywhere; tests/fuzz looks further.

#include "sim/base/random.h"
#include "sim/trace/accelsim_writer.h"
#include "sim/trace/facts.h"
#include "sim/trace/generate.h"
#include "sim/trace/kernel_list.h"
#include "sim/trace/request_trace.h"
#include "tests/support/catch.h"
#include "tests/support/traces.h"

using namespace strobe;
using namespace strobe::test;
using namespace strobe::trace;

namespace {

std::string damaged(std::string text, SplitMix64& random) {
  const std::uint64_t changes = 1 + random.next() % 4;
  for (std::uint64_t i = 0; i < changes && !text.empty(); ++i) {
    const std::size_t at = random.next() % text.size();
    const std::size_t size = 1 + random.next() % 20;
    switch (random.next() % 6) {
      case 0:
        text[at] = static_cast<char>(random.next());
        break;
      case 1:
        text.erase(at, size);
        break;
      case 2:
        text.insert(at, text.substr(random.next() % text.size(), size));
        break;
      case 3:
        text.resize(at);
        break;
      case 4:
        text[at] = "0123456789abcdef -#\n.,xRU"[random.next() % 25];
        break;
      default:
        text.insert(at, "99999999999999999999");
        break;
    }
  }
  return text;
}

struct Tally {
  int read = 0, refused = 0;
};

template <class Read>
Tally attempt(const std::string& valid, const std::string& name, Read read) {
  Tally tally;
  const ScratchFolder folder;
  for (std::uint64_t seed = 1; seed <= 1500; ++seed) {
    CAPTURE(name, seed);
    SplitMix64 random(seed);
    const std::string path = folder.write(name, damaged(valid, random));
    try {
      read(path);
      ++tally.read;
    } catch (const UserError&) {
      ++tally.refused;
    }
  }
  // Neither all harmless nor all fatal, or the damage tests nothing.
  CHECK(tally.read > 10);
  CHECK(tally.refused > 100);
  return tally;
}

void read_program(const std::string& path) {
  const auto program = open_program(path);
  gather_facts(*program);
}

std::string generated_text(const KernelRecipe& recipe) {
  const ScratchFolder folder;
  write_accelsim(*generate({recipe}), folder.path());
  return content_of(folder.path("kernel-1.traceg"));
}

}  // namespace

TEST_CASE("damaged grouped traces are read or refused", "[trace][property]") {
  attempt(generated_text({.bytes = 4096, .warps_per_cta = 2}), "k.traceg", read_program);
  attempt(generated_text({.pattern = Pattern::gather, .bytes = 2048, .warps_per_cta = 2}),
          "k.traceg", read_program);
}

TEST_CASE("damaged traces of version 6 with bulk copies are read or refused", "[trace][property]") {
  const std::string text =
      trace_header(6) +
      one_warp({"0010 00000001 0 UTMALDG.2D 1 UR4 16 0x400 1 3 512 0 3 2 0x1000 0x8000 0 0 NoVal",
                "0020 ffffffff 1 R24 HGMMA.64x128x16.F32 1 R24 1 0 5 0 NoVal",
                "0030 00000007 1 R2 LD.E 1 R4 4 2 0x7f0000000000 4 4 0 0 Val 1 3 1 2"});
  attempt(text, "k.traceg", read_program);
}

TEST_CASE("damaged raw traces are read or refused", "[trace][property]") {
  std::string text = trace_header(5, "(2,1,1)", "(64,1,1)");
  for (int i = 0; i < 12; ++i) {
    text += std::to_string(i % 2) + " 0 0 " + std::to_string(i / 2 % 2) +
            " 0010 0000000f 0 LDGSTS.E.128 2 R9 R10 16 1 0x40 16 0\n";
  }
  attempt(text, "k.trace", read_program);
}

TEST_CASE("damaged compressed traces are read or refused", "[trace][property]") {
  const std::string packed = xz_of(generated_text({.bytes = 4096}));
  const ScratchFolder folder;
  int refused = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    SplitMix64 random(seed);
    const std::string path = folder.write("k.traceg.xz", damaged(packed, random));
    refused += error_of([&] { read_program(path); }).empty() ? 0 : 1;
  }
  CHECK(refused > 250);
}

TEST_CASE("damaged lists are read or refused", "[trace][property]") {
  attempt("MemcpyHtoD,0x00007fb0fc400000,200000\nMemcpyHtoD,0x1000,16,a.bin\n", "kernelslist.g",
          read_program);
}

TEST_CASE("damaged request traces are read or refused", "[trace][property]") {
  const auto read = [](const std::string& path) {
    RequestTrace trace(path);
    MemoryRequest request;
    while (trace.next(request)) {
    }
  };
  attempt("0x1000 R\n0x1040 W\nLD 77\n 0x80 READ # x\nR 0x10c0\n", "r.txt", read);
  attempt("0x1000 R 1\n0x1040 W 2\n5: read 0x77\n 0x80 READ 6\nR 0x10c0 7\n", "r.txt", read);
}
