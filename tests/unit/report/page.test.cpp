#include "sim/report/page.h"

#include <vector>

#include "sim/report/hdf5_file.h"
#include "tests/support/catch.h"
#include "tests/support/scratch_folder.h"

using strobe::report::Hdf5File;
using strobe::report::Hdf5Group;
using strobe::report::Hdf5Input;

namespace {

// A file with a text that looks like HTML, groups in groups, and a table over `times` intervals in
// two channels that hold their own numbers and those negated.
std::filesystem::path write_sample(const std::filesystem::path& folder, std::size_t times) {
  std::vector<double> starts, table;
  for (std::size_t i = 0; i < times; ++i) {
    starts.push_back(static_cast<double>(i));
    table.push_back(static_cast<double>(i));
    table.push_back(-static_cast<double>(i));
  }
  const std::vector<std::int64_t> channels{0, 1};
  Hdf5File file;
  file.attribute("title", "</script><b>");
  { file.group("components"); }
  {
    Hdf5Group group = file.group("components/sm");
    group.coordinate({"sm", "1", "SM"}, std::span<const std::int64_t>(channels));
  }
  {
    Hdf5Group group = file.group("intervals");
    group.coordinate({"time", "s", "start"}, std::span<const double>(starts));
    group.coordinate({"channel", "1", "channel"}, std::span<const std::int64_t>(channels));
    group.variable({"rate", "B s-1", "bytes"}, {"time", "channel"}, std::span<const double>(table));
  }
  const std::filesystem::path path = folder / "sample.h5";
  file.commit(path);
  return path;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("groups are found wherever they are, those without variables are not named") {
  const strobe::test::ScratchFolder folder;
  const Hdf5Input file(write_sample(folder.path(), 3));
  CHECK(file.groups() == std::vector<std::string>{"components/sm", "intervals"});
}

TEST_CASE("a page holds the file's numbers, and its texts cannot end the script") {
  const strobe::test::ScratchFolder folder;
  const Hdf5Input file(write_sample(folder.path(), 3));
  const std::string page = strobe::report::report_page(file, "sample.h5");
  CHECK(has(page, R"("values":[0,-0,1,-1,2,-2])"));
  CHECK(has(page, R"(\u003c/script>\u003cb>)"));
  CHECK_FALSE(has(page, "</script><b>"));
  CHECK_FALSE(has(page, "/*DATA*/"));
  CHECK_FALSE(has(page, "\"every\""));
}

TEST_CASE("a page has the mean of neighbours where a table has more rows than a screen") {
  const strobe::test::ScratchFolder folder;
  const Hdf5Input file(write_sample(folder.path(), 1025));  // 342 means, of three and of two
  const std::string page = strobe::report::report_page(file, "sample.h5");
  CHECK(has(page, R"("shape":[342,2],"every":3,"values":[1,-1,4,-4,)"));
  CHECK(has(page, ",1023.5,-1023.5]"));
}
