// Every number of every shipped config file, as pinned in a table that was reviewed. A change of a
// file shows up here as a changed line of the table, with its source beside it.
//
// After an intended change: STROBE_UPDATE_GOLDEN=1 test_golden_configs, then read the diff.

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <vector>

#include "sim/device/catalogue.h"
#include "sim/device/read_dram.h"
#include "sim/device/read_gpu.h"
#include "tests/support/catch.h"
#include "tests/support/edited_file.h"

using namespace strobe::device;

namespace {

std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) result += c == '"' ? "\"\"" : std::string(1, c);
  return result + "\"";
}

void add_rows(const std::string& config, const std::vector<Sourced>& sources, std::string& table) {
  for (const Sourced& number : sources) {
    if (number.key.starts_with("memory.part.")) continue;  // pinned with the part
    table += config + "," + number.key + "," + quoted(number.value) + "," + number.from + "," +
             quoted(number.source) + "\n";
  }
}

// The pinned table, after writing `now` over it where that is asked for.
std::string pinned(const std::string& path, const std::string& now) {
  if (std::getenv("STROBE_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << now;
  }
  return strobe::test::text_of(path);
}

// Line by line, so that a failure shows the line and not two whole files.
void check_lines(const std::string& now, const std::string& then) {
  std::size_t at = 0;
  while (at < now.size() && at < then.size()) {
    const std::size_t end = std::min(now.find('\n', at), then.find('\n', at));
    REQUIRE(now.substr(at, end - at + 1) == then.substr(at, end - at + 1));
    at = end + 1;
  }
  CHECK(now.size() == then.size());
}

constexpr const char* kHeader = "config,key,value,from,source\n";

}  // namespace

TEST_CASE("every number of every GPU file is the one that was reviewed", "[device][golden]") {
  std::string table = kHeader;
  for (const std::string& name : list_gpus()) add_rows(name, read_gpu(name).sources, table);
  check_lines(table, pinned("tests/golden/configs/gpu.csv", table));
}

TEST_CASE("every number of every DRAM file is the one that was reviewed", "[device][golden]") {
  std::string table = kHeader;
  for (const std::string& name : list_parts()) add_rows(name, read_dram(name).sources, table);
  check_lines(table, pinned("tests/golden/configs/dram.csv", table));
}
