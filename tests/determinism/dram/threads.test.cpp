// The same requests give the same commands for any number of threads, and those that are stored
// here: a change of the numbers is meant, or it is a mistake.

#include <cstdio>
#include <memory>

#include "tests/support/catch.h"
#include "tests/support/dram.h"

using namespace strobe;
using namespace strobe::dram;

namespace {

std::uint64_t hash_of_commands(const PartSpec& part, int threads) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::tmpfile(), std::fclose);
  REQUIRE(file);
  ReplaySpec spec;
  spec.channels = 5;
  spec.command_trace = file.get();
  dram_test::Requests requests(dram_test::Pattern::random_mix, 40'000, 64);
  Executor executor(threads);
  replay(part, spec, requests, executor);
  std::rewind(file.get());
  std::uint64_t hash = 0xCBF29CE484222325;  // FNV-1a
  char buffer[4096];
  for (std::size_t n; (n = std::fread(buffer, 1, sizeof buffer, file.get())) > 0;) {
    for (std::size_t i = 0; i < n; ++i) {
      hash = (hash ^ static_cast<unsigned char>(buffer[i])) * 0x100000001B3;
    }
  }
  return hash;
}

}  // namespace

TEST_CASE("the commands of a replay do not depend on the number of threads") {
  const struct {
    const char* part;
    std::uint64_t hash;
  } stored[] = {
      {"hbm2-2000", 0xC71DCDA011799108},    {"gddr6-16000", 0xFE5711F1615E6A0C},
      {"lpddr5x-8533", 0x4D48569DD6A4BC4E}, {"hbm3-6400", 0x4D1AEC2A217F9FD9},
      {"gddr6x-21000", 0xFB09677A346A9D55}, {"gddr7-28000", 0x916CE60D85E131D0},
  };
  for (const auto& [name, hash] : stored) {
    CAPTURE(name);
    const PartSpec part = dram_test::part_named(name);
    for (const int threads : {1, 2, 3, 8}) CHECK(hash_of_commands(part, threads) == hash);
  }
}
