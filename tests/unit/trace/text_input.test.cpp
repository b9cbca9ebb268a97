#include "sim/trace/text_input.h"

#include "sim/base/error.h"
#include "tests/support/catch.h"
#include "tests/support/traces.h"

using namespace strobe;
using namespace strobe::test;
using trace::TextInput;

namespace {

std::vector<std::string> lines_of(const std::string& path) {
  TextInput input(path);
  std::vector<std::string> lines;
  std::string_view line;
  while (input.next(line)) lines.emplace_back(line);
  return lines;
}

}  // namespace

TEST_CASE("a line loses its newline, carriage return and blanks at the end, nothing else",
          "[trace]") {
  const ScratchFolder folder;
  const std::string path = folder.write("a", "one \r\n\n  two\t\nthree\n");
  CHECK(lines_of(path) == std::vector<std::string>{"one", "", "  two", "three"});
}

TEST_CASE("a file without a newline at its end says so at the last line only", "[trace]") {
  const ScratchFolder folder;
  TextInput input(folder.write("a", "one\ntwo"));
  std::string_view line;
  REQUIRE(input.next(line));
  CHECK(input.line_ended());
  REQUIRE(input.next(line));
  CHECK(line == "two");
  CHECK(input.line_number() == 2);
  CHECK_FALSE(input.line_ended());
  CHECK_FALSE(input.next(line));
}

TEST_CASE("a line handed back comes again with the same number", "[trace]") {
  const ScratchFolder folder;
  TextInput input(folder.write("a", "one\ntwo\n"));
  std::string_view line;
  REQUIRE(input.next(line));
  input.unread();
  REQUIRE(input.next(line));
  CHECK(line == "one");
  CHECK(input.line_number() == 1);
}

TEST_CASE("lines across chunk borders and longer than a chunk arrive whole", "[trace]") {
  const ScratchFolder folder;
  std::vector<std::string> expected;
  std::string text;
  for (std::size_t length = 1; length < 900000; length = length * 3 + 1) {
    for (int copy = 0; copy < 3; ++copy) {
      expected.emplace_back(length, static_cast<char>('a' + copy));
      text += expected.back() + "\n";
    }
  }
  CHECK(lines_of(folder.write("plain", text)) == expected);
  CHECK(lines_of(folder.write("packed", xz_of(text))) == expected);
}

TEST_CASE("xz is told by the first bytes, and two streams one after the other are one text",
          "[trace]") {
  const ScratchFolder folder;
  const std::string path = folder.write("any-name", xz_of("one\ntw") + xz_of("o\n"));
  CHECK(lines_of(path) == std::vector<std::string>{"one", "two"});
}

TEST_CASE("an xz file that is cut or changed is refused by name", "[trace]") {
  const ScratchFolder folder;
  std::string packed = xz_of(std::string(10000, 'x') + "\n");
  const std::string cut = folder.write("cut.xz", packed.substr(0, packed.size() / 2));
  CHECK(error_of([&] { lines_of(cut); }) == "cut.xz: the xz data ends early");
  packed[packed.size() / 2] = static_cast<char>(packed[packed.size() / 2] ^ 0x55);
  const std::string changed = folder.write("changed.xz", packed);
  CHECK(error_of([&] { lines_of(changed); }) == "changed.xz: the xz data is damaged");
}

TEST_CASE("a missing file and a folder are refused by name", "[trace]") {
  const ScratchFolder folder;
  CHECK(error_of([&] { TextInput(folder.path("none")); }) ==
        "none: cannot be opened: No such file or directory");
  std::filesystem::create_directory(folder.path("sub"));
  CHECK(error_of([&] { TextInput(folder.path("sub")); }) ==
        "sub: is a directory where a file was expected");
}

TEST_CASE("a file of one endless line is refused before it fills the memory", "[trace]") {
  const ScratchFolder folder;
  const std::string path = folder.write("zeros", std::string(6 << 20, 'a'));
  CHECK(error_of([&] { lines_of(path); }) ==
        "zeros:1: the line is longer than 4 MiB; this is not a text trace");
}

TEST_CASE("an empty file has no lines", "[trace]") {
  const ScratchFolder folder;
  CHECK(lines_of(folder.write("empty", "")).empty());
}
