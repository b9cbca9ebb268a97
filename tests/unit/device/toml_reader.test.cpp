#include "sim/device/toml_reader.h"

#include "tests/support/catch.h"
#include "tests/support/edited_file.h"

using namespace strobe;
using namespace strobe::device;
using strobe::test::user_error;

namespace {

std::string error_parsing(std::string_view text) {
  return user_error([&] { parse_toml(text, "x.toml"); });
}

const Provenance& provenance_of(const TomlNode& root, std::string_view table,
                                std::string_view key) {
  return root.find(table)->find(key)->provenance;
}

}  // namespace

TEST_CASE("a table's provenance holds for its own numbers and inline tables only", "[device]") {
  const TomlNode root = parse_toml(
      "[a]\n"
      "from = 'standard'\nsource = 'one'\n"
      "x = 1\n"
      "y = { value = 2, from = 'measured', source = 'two' }\n"
      "pair = { left = 3, right = { value = 4, from = 'derived', source = 'three' } }\n"
      "[a.b]\n"
      "z = 5\n",
      "x.toml");
  CHECK(provenance_of(root, "a", "x").source == "one");
  CHECK(provenance_of(root, "a", "y").source == "two");
  const TomlNode& pair = *root.find("a")->find("pair");
  CHECK(pair.find("left")->provenance.source == "one");
  CHECK(pair.find("right")->provenance.source == "three");
  CHECK(root.find("a")->find("b")->find("z")->provenance.from == "");
}

TEST_CASE("an incomplete provenance is refused where it stands", "[device]") {
  CHECK(error_parsing("[a]\nfrom = 'standard'\n") ==
        "x.toml:2:8: 'from' needs a 'source' beside it");
  CHECK(error_parsing("[a]\nx = { value = 1, source = 's' }\n") ==
        "x.toml:2:27: 'source' needs a 'from' beside it");
  CHECK(error_parsing("[a]\nx = { value = 1, from = 'guessed', source = 's' }\n") ==
        "x.toml:2:25: 'from' must be \"standard\", \"datasheet\", \"measured\", \"derived\" or "
        "\"assumed\"");
  CHECK(error_parsing("[a]\nx = { value = 1, from = 'assumed', source = '' }\n") ==
        "x.toml:2:45: 'source' must name a source");
  CHECK(error_parsing("[a]\nx = { value = 1, form = 'assumed', source = '' }\n") ==
        "x.toml:2:18: unknown key 'a.x.form'; beside a value there are only from and source");
}

TEST_CASE("what is not TOML, or says a key twice, is refused with its line", "[device]") {
  CHECK(error_parsing("[a]\nx = 1\nx = 2\n").starts_with("x.toml:3:"));
  CHECK(error_parsing("[a]\nx = 1\n[a]\n").starts_with("x.toml:3:"));
  CHECK(error_parsing("x = \n").starts_with("x.toml:1:"));
  CHECK(error_parsing("x = 'never closed\n").starts_with("x.toml:1:"));
  CHECK(error_parsing("x = \"\xff\"\n").starts_with("x.toml:1:"));
}

TEST_CASE("a file that is not there or is a folder is refused by name", "[device]") {
  CHECK(user_error([] { read_toml("/nowhere/x.toml"); }) == "/nowhere/x.toml: cannot be read");
  CHECK(user_error([] { read_toml("configs"); }) == "configs: cannot be read");
}

TEST_CASE("an overlay replaces values, keeps the rest and remembers both places", "[device]") {
  TomlNode base = parse_toml("[a]\nx = 1\ny = 2\n[b]\nz = 3\n", "base.toml");
  overlay(base, parse_toml("\n\n[a]\ny = 20\n[c]\nw = 4\n", "top.toml"));
  CHECK(base.find("a")->find("x")->integer == 1);
  CHECK(base.find("a")->find("y")->integer == 20);
  CHECK(base.find("b")->find("z")->integer == 3);
  CHECK(base.find("c")->find("w")->integer == 4);
  CHECK(base.find("a")->find("x")->place.file == "base.toml");
  CHECK(base.find("a")->find("y")->place.file == "top.toml");
  CHECK(base.find("a")->find("y")->place.line == 4);
}

TEST_CASE("a path is found, or else the innermost table on its way", "[device]") {
  const TomlNode root = parse_toml("[a]\nx = 1\n[[rule]]\nw = 1\n[[rule]]\nw = 2\n", "x.toml");
  CHECK(place_of(root, "a.x").line == 2);
  CHECK(place_of(root, "a.nothing").line == 1);
  CHECK(place_of(root, "rule[1].w").line == 6);
  CHECK(place_of(root, "rule[1].nothing").line == 5);
  CHECK(place_of(root, "nothing").line == 1);
}
