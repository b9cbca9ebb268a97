#include "sim/kernel/large_pages.h"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/catch.h"

// Sanitizers have a heap of their own.
#ifndef STROBE_CHECKING

using namespace strobe;

namespace {

// What the host says of the piece of memory that `address` is in: its flags, "hg" for large pages.
std::string flags_at(const void* address) {
  const auto wanted = reinterpret_cast<std::uintptr_t>(address);
  std::ifstream maps("/proc/self/smaps");
  bool is_in = false;
  for (std::string line; std::getline(maps, line);) {
    std::istringstream words(line);
    std::uintptr_t begin = 0, end = 0;
    char dash = 0;
    if (words >> std::hex >> begin >> dash >> end && dash == '-') {
      is_in = begin <= wanted && wanted < end;
    } else if (is_in && line.starts_with("VmFlags:")) {
      return line + " ";
    }
  }
  return {};
}

bool are_large(const std::vector<char>& bytes) {
  return flags_at(&bytes[bytes.size() / 2]).find(" hg ") != std::string::npos;
}

}  // namespace

TEST_CASE("what any thread allocates lies in large pages once they are asked for") {
  if (!std::filesystem::exists("/sys/kernel/mm/transparent_hugepage")) {
    WARN("skipped: this host has no large pages");
    return;
  }
  use_large_pages();
  CHECK(are_large(std::vector<char>(8 << 20)));
  bool of_thread = false;
  std::thread([&] { of_thread = are_large(std::vector<char>(8 << 20)); }).join();
  CHECK(of_thread);
}

#endif
