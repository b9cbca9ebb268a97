#include "sim/report/hdf5_file.h"

#include <fstream>
#include <iterator>

#include "sim/base/error.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

using namespace strobe;
using namespace strobe::report;

namespace {

void write(const std::filesystem::path& path, std::int64_t number) {
  Hdf5File file;
  file.attribute("number", number);
  {
    Hdf5Group group = file.group("rows");
    const std::vector<std::int64_t> rows{0, 1};
    const std::vector<double> values(2 * 3000, 0.5);
    const std::vector<std::int64_t> many(3000, 7);
    group.coordinate({"row", "1", "row"}, std::span(rows));
    group.coordinate({"column", "1", "column"}, std::span(many));
    group.variable({"value", "s", "value"}, {"row", "column"}, std::span(values));
  }
  file.commit(path);
}

std::string content(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("equal results are equal bytes", "[report]") {
  const test::TemporaryDirectory directory;
  write(directory / "a.h5", 1);
  write(directory / "b.h5", 1);
  write(directory / "c.h5", 2);
  CHECK(content(directory / "a.h5") == content(directory / "b.h5"));
  CHECK(content(directory / "a.h5") != content(directory / "c.h5"));
}

TEST_CASE("values that repeat take less room than they would unpacked", "[report]") {
  const test::TemporaryDirectory directory;
  write(directory / "a.h5", 1);
  CHECK(std::filesystem::file_size(directory / "a.h5") < 9000 * 8 / 4);
}

TEST_CASE("a file that was not committed does not appear", "[report]") {
  const test::TemporaryDirectory directory;
  {
    Hdf5File file;
    file.attribute("title", std::string("given up"));
  }
  CHECK(std::filesystem::is_empty(directory.path()));
}

TEST_CASE("a file that cannot be put in place is the user's to mend", "[report]") {
  Hdf5File file;
  CHECK_THROWS_AS(file.commit("/dev/null/out.h5"), UserError);
}

TEST_CASE("text that is not UTF-8 is made so, and text that is stays", "[report]") {
  CHECK(valid_utf8("caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80") ==
        "caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80");
  CHECK(valid_utf8("caf\xE9.h5") == "caf?.h5");
  CHECK(valid_utf8("cut \xE2\x82") == "cut ??");
  CHECK(valid_utf8("long \xC0\xAF") == "long ??");
  CHECK(valid_utf8("half \xED\xA0\x80") == "half ???");
  CHECK(valid_utf8(std::string_view("a\0b", 3)) == "a?b");
}
