#pragma once

// A copy of a shipped config file with something wrong in it, for tests of error messages. Messages
// must name the exact line and column, so the copy knows where each of its pieces stands.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "sim/base/error.h"
#include "tests/support/temporary_directory.h"

namespace strobe::test {

inline std::string text_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw std::runtime_error("cannot read " + file.string());
  return {std::istreambuf_iterator<char>(stream), {}};
}

// A file of the given name and text in a directory of its own.
class TemporaryFile {
 public:
  TemporaryFile(const std::string& name, std::string text)
      : path_(folder_ / name), text_(std::move(text)) {
    std::ofstream(path_, std::ios::binary) << text_;
  }

  std::string path() const { return path_.string(); }
  const std::filesystem::path& folder() const { return folder_.path(); }

  // "path:line:column" of the first occurrence of `piece`.
  std::string place(std::string_view piece) const {
    const std::size_t at = text_.find(piece);
    if (at == std::string::npos) throw std::runtime_error("no such piece in the file");
    const std::string_view before = std::string_view(text_).substr(0, at);
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const std::size_t line_start = before.rfind('\n') + 1;  // 0 when there is no line before
    return path() + ":" + std::to_string(line) + ":" + std::to_string(at - line_start + 1);
  }

 private:
  TemporaryDirectory folder_;
  std::filesystem::path path_;
  std::string text_;
};

inline std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  if (at == std::string::npos) throw std::runtime_error("nothing to replace");
  return text.replace(at, from.size(), to);
}

// What the UserError said, or "" when there was none. Anything else thrown fails the test.
template <class Action>
std::string user_error(Action action) {
  try {
    action();
  } catch (const UserError& error) {
    return error.what();
  }
  return "";
}

// What `read` complains of in a copy of `original` with `from` replaced by `to`, less the place.
// When the place is not that of `blamed`, the whole message.
template <class Read>
std::string complaint_of(const std::filesystem::path& original, std::string_view from,
                         std::string_view to, std::string_view blamed, Read read) {
  const TemporaryFile file("edited.toml", replaced(text_of(original), from, to));
  const std::string message = user_error([&] { read(file.path()); });
  const std::string place = file.place(blamed) + ": ";
  return message.starts_with(place) ? message.substr(place.size()) : message;
}

}  // namespace strobe::test
