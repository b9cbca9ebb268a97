#include "sim/trace/text_input.h"

#include <cstring>

#include "sim/base/error.h"

namespace strobe::trace {
namespace {

constexpr std::size_t kChunkBytes = 256 * 1024;
// The longest honest line is one TMA copy of a few thousand addresses; beyond this the file is not
// text, and memory must stay bounded.
constexpr std::size_t kMaxLineBytes = 4 << 20;

std::string_view without_blanks_at_end(const char* begin, const char* end) {
  while (end > begin && (end[-1] == ' ' || end[-1] == '\r' || end[-1] == '\t')) --end;
  return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace

TextInput::TextInput(const std::string& path) : TextInput(std::make_unique<ByteInput>(path)) {}

TextInput::TextInput(std::unique_ptr<ByteInput> bytes)
    : bytes_(std::move(bytes)), buffer_(kChunkBytes) {
  at_ = end_ = buffer_.data();
}

bool TextInput::next(std::string_view& line) {
  if (again_) {
    again_ = false;
    line = line_;
    return true;
  }
  const char* newline = nullptr;
  std::size_t searched = 0;
  while (true) {
    const auto left = static_cast<std::size_t>(end_ - at_);
    newline = static_cast<const char*>(std::memchr(at_ + searched, '\n', left - searched));
    if (newline != nullptr) break;
    searched = left;
    if (!refill()) break;
  }
  if (newline == nullptr) {
    if (at_ == end_) return false;
    line_ended_ = false;
    newline = end_;
  }
  ++line_number_;
  line_ = line = without_blanks_at_end(at_, newline);
  at_ = newline < end_ ? newline + 1 : end_;
  return true;
}

// Keeps the unfinished line and reads more behind it.
bool TextInput::refill() {
  if (at_end_of_file_) return false;
  const auto kept = static_cast<std::size_t>(end_ - at_);
  if (kept >= kMaxLineBytes) {
    ++line_number_;
    fail("the line is longer than 4 MiB; this is not a text trace");
  }
  std::memmove(buffer_.data(), at_, kept);
  if (kept > buffer_.size() / 2) buffer_.resize(buffer_.size() * 2);
  const std::size_t wanted = buffer_.size() - kept;
  const std::size_t got = bytes_->read({buffer_.data() + kept, wanted});
  at_end_of_file_ = got < wanted;
  at_ = buffer_.data();
  end_ = at_ + kept + got;
  return got > 0;
}

void TextInput::fail(const std::string& message) const {
  throw UserError({path(), line_number_}, message);
}

}  // namespace strobe::trace
