#pragma once

// Lines of a text file, plain or xz-compressed, without copying them: a line is a view into a chunk
// buffer and lives until the next one is asked for. Memory is the chunk, whatever the file's size.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/trace/byte_input.h"

namespace strobe::trace {

class TextInput {
 public:
  explicit TextInput(const std::string& path);
  explicit TextInput(std::unique_ptr<ByteInput> bytes);

  // The next line without its newline, carriage return or blanks at the end.
  bool next(std::string_view& line);
  // Hands the line out again.
  void unread() { again_ = true; }

  std::int64_t line_number() const { return line_number_; }
  // False once the line handed out was cut off by the end of the file.
  bool line_ended() const { return line_ended_; }
  const std::string& path() const { return bytes_->path(); }

  // Throws UserError at the line handed out last.
  [[noreturn]] void fail(const std::string& message) const;

 private:
  bool refill();

  std::unique_ptr<ByteInput> bytes_;
  std::vector<char> buffer_;
  const char* at_ = nullptr;   // what is not handed out yet ...
  const char* end_ = nullptr;  // ... ends here
  std::string_view line_;
  std::int64_t line_number_ = 0;
  bool at_end_of_file_ = false;
  bool line_ended_ = true;
  bool again_ = false;
};

}  // namespace strobe::trace
