#include "sim/trace/request_trace.h"

#include "tests/support/catch.h"
#include "tests/support/traces.h"

using namespace strobe;
using namespace strobe::test;
using namespace strobe::trace;

namespace {

std::vector<MemoryRequest> read(const std::string& content, const std::string& name = "r.txt") {
  const ScratchFolder folder;
  RequestTrace trace(folder.write(name, content));
  std::vector<MemoryRequest> requests;
  MemoryRequest request;
  while (trace.next(request)) requests.push_back(request);
  return requests;
}

MemoryRequest at_cycle(std::uint64_t address, bool is_write, std::int64_t cycle = -1) {
  return {.address = address, .is_write = is_write, .arrival_cycle = Cycles(cycle)};
}

MemoryRequest at_time(std::uint64_t address, bool is_write, Picoseconds arrival) {
  return {.address = address, .is_write = is_write, .arrival = arrival};
}

std::string little_endian(const std::vector<std::uint64_t>& words) {
  std::string bytes;
  for (const std::uint64_t word : words) {
    for (int i = 0; i < 8; ++i) bytes += static_cast<char>(word >> (8 * i) & 0xFF);
  }
  return bytes;
}

}  // namespace

TEST_CASE("an address and a kind are a request, offered as soon as it is taken", "[trace]") {
  CHECK(read("0x1000 R\n0x1040 W\n0x10FF read\n 4096\tWRITE # remark\n\n# only a remark\n") ==
        std::vector<MemoryRequest>{at_cycle(0x1000, false), at_cycle(0x1040, true),
                                   at_cycle(0x10ff, false), at_cycle(4096, true)});
}

TEST_CASE("the kind may come first, as in Ramulator's traces", "[trace]") {
  CHECK(read("R 0x12\nW 0x1000\nLD 20734016\nST 0x40") ==
        std::vector<MemoryRequest>{at_cycle(0x12, false), at_cycle(0x1000, true),
                                   at_cycle(20734016, false), at_cycle(0x40, true)});
}

TEST_CASE("a bare third number counts cycles, as in DRAMsim3's traces", "[trace]") {
  CHECK(read("0x9ED0200 READ 0\n0x9ED0240 WRITE 37\n") ==
        std::vector<MemoryRequest>{at_cycle(0x9ed0200, false, 0), at_cycle(0x9ed0240, true, 37)});
}

TEST_CASE("a cycle may stand in front, as in DRAMSys' traces", "[trace]") {
  CHECK(read("31: read 0x400140\n33: write 0x400160\n") ==
        std::vector<MemoryRequest>{at_cycle(0x400140, false, 31), at_cycle(0x400160, true, 33)});
}

TEST_CASE("a third field with a unit is a time", "[trace]") {
  CHECK(read("0x0 R 12.5ns\n0x0 W 13000ps\n0x0 R 1.5us\n") ==
        std::vector<MemoryRequest>{at_time(0, false, 12500_ps), at_time(0, true, 13_ns),
                                   at_time(0, false, 1500_ns)});
}

TEST_CASE("a line that is no request is refused with file and line", "[trace]") {
  const auto refused = [](const std::string& line) {
    return error_of([&] { read("0x0 R 5\n" + line + "\n"); });
  };
  CHECK(refused("hello") ==
        "r.txt:2: expected an address (0x... or decimal) and R or W, found 'hello'");
  CHECK(refused("0x10") ==
        "r.txt:2: expected an address (0x... or decimal) and R or W, found '0x10'");
  CHECK(refused("10ab R").substr(0, 26) == "r.txt:2: expected an addre");
  CHECK(refused("0x10 X 7").substr(0, 26) == "r.txt:2: expected an addre");
  CHECK(refused("0x1ffffffffffffffff R").substr(0, 26) == "r.txt:2: expected an addre");
  CHECK(refused("0x10 R 7parsecs") ==
        "r.txt:2: expected a cycle such as 37 or a time such as 12.5ns, found '7parsecs'");
  CHECK(refused("0x10 R -7").substr(0, 29) == "r.txt:2: expected a cycle suc");
  CHECK(refused("0x10 R 7 8") == "r.txt:2: expected the end of the line, found '8'");
  CHECK(refused("0x10 R 4") ==
        "r.txt:2: this request comes earlier than the one before it, or has no time where that "
        "one has");
  CHECK_FALSE(refused("0x10 R").empty());
  CHECK_FALSE(refused("0x10 R 7ns").empty());
}

TEST_CASE("a binary trace has eight bytes a request and the write in bit 63", "[trace]") {
  const std::vector<std::uint64_t> words{0x1000, 0x8000000000000040, 0x7FFFFFFFFFFFFFFF};
  const std::vector<MemoryRequest> expected{at_cycle(0x1000, false), at_cycle(0x40, true),
                                            at_cycle(0x7FFFFFFFFFFFFFFF, false)};
  CHECK(read(little_endian(words), "r.bin") == expected);
  CHECK(read(xz_of(little_endian(words)), "r.bin.xz") == expected);
  CHECK(read("", "r.bin").empty());
  CHECK(error_of([&] { read(little_endian(words) + "abc", "r.bin"); }) ==
        "r.bin: the file ends in the middle of a request of 8 bytes");
}

TEST_CASE("a binary trace is told from text by a zero byte in its first word", "[trace]") {
  const std::vector<std::uint64_t> words{0x8000'7FFF'4141'4140, 0x4141};
  const std::vector<MemoryRequest> expected{at_cycle(0x7FFF'4141'4140, true),
                                            at_cycle(0x4141, false)};
  CHECK(read(little_endian(words), "requests") == expected);
  CHECK(read(xz_of(little_endian(words)), "requests.xz") == expected);
  CHECK(error_of([&] { read(little_endian({0x1000}).substr(0, 7), "r"); }) ==
        "r: the file ends in the middle of a request of 8 bytes");
  // A word of an address beyond 2^48 may be text; only the name says that it is not.
  const std::vector<std::uint64_t> far{0x4141'4141'4141'4141};
  CHECK(read(little_endian(far), "r.bin") ==
        std::vector<MemoryRequest>{at_cycle(far.front(), false)});
  CHECK(error_of([&] { read(little_endian(far), "r"); }).substr(0, 24) ==
        "r:1: expected an address");
  CHECK(read("0 R", "r") == std::vector<MemoryRequest>{at_cycle(0, false)});
}

TEST_CASE("a binary trace longer than a chunk arrives whole and in order", "[trace]") {
  std::vector<std::uint64_t> words(100000);
  for (std::size_t i = 0; i < words.size(); ++i) words[i] = 64 * i;
  const std::vector<MemoryRequest> requests = read(little_endian(words), "r.bin");
  REQUIRE(requests.size() == words.size());
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (requests[i].address != words[i]) FAIL("request " << i);
  }
}

TEST_CASE("a compressed text of requests reads as the plain one", "[trace]") {
  CHECK(read(xz_of("0x1000 R\n"), "r.txt.xz") ==
        std::vector<MemoryRequest>{at_cycle(0x1000, false)});
}
