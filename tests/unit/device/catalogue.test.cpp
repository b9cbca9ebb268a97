#include "sim/device/catalogue.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "tests/support/catch.h"
#include "tests/support/edited_file.h"

using namespace strobe::device;
using strobe::test::TemporaryFile;
using strobe::test::user_error;

namespace {

// $STROBE_CONFIGS while it lives.
class ConfigsVariable {
 public:
  explicit ConfigsVariable(const std::string& value) { setenv("STROBE_CONFIGS", value.c_str(), 1); }
  ~ConfigsVariable() { unsetenv("STROBE_CONFIGS"); }
  ConfigsVariable(const ConfigsVariable&) = delete;
  ConfigsVariable& operator=(const ConfigsVariable&) = delete;
};

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

}  // namespace

TEST_CASE("the shipped GPUs and parts are listed by name, sorted", "[device]") {
  const std::vector<std::string> gpus = list_gpus(), parts = list_parts();
  CHECK(std::ranges::is_sorted(gpus));
  CHECK(std::ranges::is_sorted(parts));
  for (const char* name : {"a100-sxm4-40gb", "b200", "gb10", "m2-max-38c", "v100-pcie-32gb"}) {
    CHECK(contains(gpus, name));
  }
  for (const char* name : {"hbm2-2000", "gddr6-16000", "lpddr5x-8533"}) {
    CHECK(contains(parts, name));
  }
}

TEST_CASE("names are exact, and an unknown one names its nearest", "[device]") {
  CHECK(user_error([] { find_gpu("v100"); }) ==
        "no GPU 'v100'; did you mean v100-pcie-16gb, v100-pcie-32gb or v100-sxm2-16gb?");
  CHECK(user_error([] { find_gpu("rtx-6000"); }) ==
        "no GPU 'rtx-6000'; did you mean rtx-a6000, rtx-3090 or rtx-4090?");
  CHECK(user_error([] { find_part("hbm2-2001"); }) ==
        "no memory part 'hbm2-2001'; did you mean hbm2-2000, hbm2-2430 or hbm2e-3000?");
  CHECK(user_error([] { find_gpu("zzz"); }) == "no GPU 'zzz'");
}

TEST_CASE("a name with a slash or ending in .toml is a path", "[device]") {
  CHECK(find_gpu("here/v100-pcie-32gb") == "here/v100-pcie-32gb");
  CHECK(find_part("mine.toml") == "mine.toml");
}

TEST_CASE("$STROBE_CONFIGS comes before the shipped configs and adds to them", "[device]") {
  const TemporaryFile file("unused", "");
  std::filesystem::create_directories(file.folder() / "gpu");
  for (const char* name : {"gb10", "mine"}) {
    const auto path = file.folder() / "gpu" / (std::string(name) + ".toml");
    std::filesystem::copy_file(file.path(), path);
  }
  const ConfigsVariable variable(file.folder().string());
  CHECK(find_gpu("gb10") == (file.folder() / "gpu" / "gb10.toml").string());
  CHECK(find_gpu("a40") != (file.folder() / "gpu" / "a40.toml").string());
  CHECK(contains(list_gpus(), "mine"));
  CHECK(std::ranges::count(list_gpus(), "gb10") == 1);
}
