#include "sim/report/provenance.h"

#include <fstream>

#include "sim/base/error.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

using namespace strobe;
using namespace strobe::report;

TEST_CASE("an input's hash is what sha256sum prints", "[report]") {
  const test::TemporaryDirectory directory;
  const std::vector<std::filesystem::path> files{directory / "abc", directory / "empty"};
  std::ofstream(files[0]) << "abc";
  std::ofstream(files[1]).flush();
  const std::vector<InputFile> inputs = hash_inputs(files);
  REQUIRE(inputs.size() == 2);
  // FIPS 180-2, appendix B.1
  CHECK(inputs[0].sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(inputs[0].bytes == 3);
  CHECK(inputs[1].sha256.starts_with("e3b0c44298fc1c14"));
}

TEST_CASE("an input that cannot be read is named", "[report]") {
  const std::vector<std::filesystem::path> files{"/nowhere/trace"};
  CHECK_THROWS_WITH(hash_inputs(files), "/nowhere/trace: No such file or directory");
}
