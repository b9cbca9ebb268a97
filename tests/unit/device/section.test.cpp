#include "sim/device/section.h"

#include "tests/support/catch.h"
#include "tests/support/edited_file.h"

using namespace strobe;
using namespace strobe::device;
using strobe::test::user_error;

namespace {

// What reading the text as one section with the keys `warps` and `clock` says.
std::string error_reading(std::string_view text) {
  return user_error([&] {
    const TomlNode root = parse_toml(text, "x.toml");
    std::vector<Sourced> sources;
    Section file(root, sources);
    Section sm = file.section("sm");
    file.close();
    sm.count("warps");
    sm.quantity<Kilohertz>("clock");
    sm.close();
  });
}

}  // namespace

TEST_CASE("a number comes with its unit, its source and its line", "[device]") {
  const TomlNode root = parse_toml(
      "[sm]\n"
      "from = 'datasheet'\n"
      "source = 'a table'\n"
      "warps = 64\n"
      "clock = { value = '1.38 GHz', from = 'measured', source = 'a log' }\n",
      "configs/gpu/x.toml");
  std::vector<Sourced> sources;
  Section file(root, sources);
  Section sm = file.section("sm");
  CHECK(sm.count("warps") == 64);
  CHECK(sm.quantity<Kilohertz>("clock") == 1380_MHz);
  sm.close();
  file.close();
  REQUIRE(sources.size() == 2);
  CHECK(sources[0].key == "sm.warps");
  CHECK(sources[0].value == "64");
  CHECK(sources[0].from == "datasheet");
  CHECK(sources[0].source == "a table");
  CHECK(sources[0].file == "gpu/x.toml");
  CHECK(sources[0].line == 4);
  CHECK(sources[1].value == "1.38 GHz");
  CHECK(sources[1].from == "measured");
  CHECK(sources[1].source == "a log");
}

TEST_CASE("a mistyped key is named with its place and the key that was meant", "[device]") {
  CHECK(error_reading("[sm]\nfrom = 'assumed'\nsource = 's'\nclock = '1 GHz'\n  warsp = 64\n") ==
        "x.toml:5:3: unknown key 'sm.warsp'; did you mean warps?");
  CHECK(error_reading("[smm]\n") == "x.toml:1:2: unknown key 'smm'; did you mean sm?");
  CHECK(error_reading("[sm]\nfrom = 'assumed'\nsource = 's'\nclock = '1 GHz'\nwarps = 1\n"
                      "colour = 'red'\n") == "x.toml:6:1: unknown key 'sm.colour'");
}

TEST_CASE("a missing key is named with the place of its table", "[device]") {
  CHECK(error_reading("\n[sm]\nfrom = 'assumed'\nsource = 's'\nwarps = 64\n") ==
        "x.toml:2:2: missing key 'sm.clock'");
  CHECK(error_reading("") == "x.toml:1: missing key 'sm'");
}

TEST_CASE("a number without source is refused", "[device]") {
  CHECK(error_reading("[sm]\nwarps = 64\n") ==
        "x.toml:2:1: 'sm.warps' does not say where it comes from: add from and source to it or to "
        "its table");
}

TEST_CASE("values of the wrong type and out of range are refused", "[device]") {
  const std::string head = "[sm]\nfrom = 'assumed'\nsource = 's'\n";
  CHECK(error_reading(head + "warps = 0\n") == "x.toml:4:1: 'sm.warps' must be 1 to 4294967295");
  CHECK(error_reading(head + "warps = 4294967296\n") ==
        "x.toml:4:1: 'sm.warps' must be 1 to 4294967295");
  CHECK(error_reading(head + "warps = 1.5\n") ==
        "x.toml:4:1: 'sm.warps' must be an integer without unit");
  CHECK(error_reading(head + "warps = '64'\n") ==
        "x.toml:4:1: 'sm.warps' must be an integer without unit");
  CHECK(error_reading(head + "warps = 64\nclock = 1380\n") ==
        "x.toml:5:1: 'sm.clock' must be a text with a number and a unit");
  CHECK(error_reading(head + "warps = 64\nclock = '0 MHz'\n") ==
        "x.toml:5:1: 'sm.clock' must not be zero");
  CHECK(error_reading(head + "warps = 64\nclock = '3 ns'\n") ==
        "x.toml:5:1: 'sm.clock' has the unit 'ns', expected Hz, kHz, MHz or GHz");
  CHECK(error_reading("sm = 4\n") == "x.toml:1:1: 'sm' must be a table");
}

TEST_CASE("choices name all that may be chosen", "[device]") {
  const TomlNode root = parse_toml("a = 'green'\nb = ['red', 'green']\nc = 3\n", "x.toml");
  std::vector<Sourced> sources;
  Section file(root, sources);
  constexpr std::array<std::string_view, 2> kColours{"red", "blue"};
  CHECK(user_error([&] { file.choice<int>("a", kColours); }) ==
        "x.toml:1:1: 'a' must be one of 'red', 'blue'");
  CHECK(user_error([&] { file.choices<int>("b", kColours); }) ==
        "x.toml:2:13: 'b[1]' must be one of 'red', 'blue'");
  CHECK(user_error([&] { file.choice<int>("c", kColours); }) ==
        "x.toml:3:1: 'c' must be one of 'red', 'blue'");
}
