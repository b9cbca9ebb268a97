#include "sim/trace/byte_input.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "sim/base/error.h"

namespace strobe::trace {
namespace {

constexpr std::array<std::uint8_t, 6> kXzMagic{0xFD, '7', 'z', 'X', 'Z', 0};
constexpr std::size_t kPackedBytes = 64 * 1024;
// What `xz -9` needs to decode, with room; a file that asks for more is not a trace.
constexpr std::uint64_t kXzMemoryLimit = 256ULL << 20;

std::string reason() {
  return std::strerror(errno);
}

const char* what_is_wrong(lzma_ret code) {
  switch (code) {
    case LZMA_MEM_ERROR:
    case LZMA_MEMLIMIT_ERROR:
      return "the xz data needs more than 256 MiB to decode";
    case LZMA_OPTIONS_ERROR:
      return "the xz data uses options this liblzma does not know";
    case LZMA_BUF_ERROR:
      return "the xz data ends early";
    default:
      return "the xz data is damaged";
  }
}

}  // namespace

ByteInput::ByteInput(const std::string& path)
    : path_(path == kStandardInput ? "standard input" : path) {
  file_ = path == kStandardInput ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                                 : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file_ < 0) throw UserError({path_}, "cannot be opened: " + reason());
  try {
    struct stat about {};
    if (::fstat(file_, &about) == 0 && S_ISDIR(about.st_mode)) {
      throw UserError({path_}, "is a directory where a file was expected");
    }
    const std::string_view start = peek(kXzMagic.size());
    is_xz_ = start.size() == kXzMagic.size() &&
             std::memcmp(start.data(), kXzMagic.data(), kXzMagic.size()) == 0;
    if (is_xz_) start_xz();
  } catch (...) {
    ::close(file_);
    throw;
  }
}

ByteInput::~ByteInput() {
  if (is_xz_) lzma_end(&xz_);
  ::close(file_);
}

void ByteInput::start_xz() {
  const lzma_ret code = lzma_stream_decoder(&xz_, kXzMemoryLimit, LZMA_CONCATENATED);
  if (code != LZMA_OK) throw UserError({path_}, what_is_wrong(code));
  packed_.resize(kPackedBytes);
  std::copy(ahead_.begin(), ahead_.end(), packed_.begin());
  xz_.next_in = packed_.data();
  xz_.avail_in = ahead_.size();
  ahead_.clear();
}

std::size_t ByteInput::read_file(char* into, std::size_t size) {
  std::size_t filled = 0;
  while (filled < size) {
    const ssize_t got = ::read(file_, into + filled, size - filled);
    if (got == 0) break;
    if (got > 0) {
      filled += static_cast<std::size_t>(got);
    } else if (errno != EINTR) {
      throw UserError({path_}, "cannot be read: " + reason());
    }
  }
  return filled;
}

std::size_t ByteInput::read(std::span<char> into) {
  const std::size_t kept = std::min(into.size(), ahead_.size() - ahead_used_);
  std::copy_n(ahead_.begin() + static_cast<std::ptrdiff_t>(ahead_used_), kept, into.begin());
  ahead_used_ += kept;
  return kept + read_on(into.subspan(kept));
}

std::string_view ByteInput::peek(std::size_t size) {
  ahead_.erase(ahead_.begin(), ahead_.begin() + static_cast<std::ptrdiff_t>(ahead_used_));
  ahead_used_ = 0;
  if (const std::size_t had = ahead_.size(); had < size) {
    ahead_.resize(size);
    ahead_.resize(had + read_on(std::span(ahead_).subspan(had)));
  }
  return {ahead_.data(), std::min(size, ahead_.size())};
}

std::size_t ByteInput::read_on(std::span<char> into) {
  return is_xz_ ? read_xz(into) : read_file(into.data(), into.size());
}

std::size_t ByteInput::read_xz(std::span<char> into) {
  xz_.next_out = reinterpret_cast<std::uint8_t*>(into.data());
  xz_.avail_out = into.size();
  lzma_action action = LZMA_RUN;
  while (xz_.avail_out > 0 && !xz_ended_) {
    if (xz_.avail_in == 0) {
      xz_.next_in = packed_.data();
      xz_.avail_in = read_file(reinterpret_cast<char*>(packed_.data()), packed_.size());
      if (xz_.avail_in == 0) action = LZMA_FINISH;
    }
    const lzma_ret code = lzma_code(&xz_, action);
    if (code == LZMA_STREAM_END) {
      xz_ended_ = true;
    } else if (code != LZMA_OK) {
      throw UserError({path_}, what_is_wrong(code));
    }
  }
  return into.size() - xz_.avail_out;
}

}  // namespace strobe::trace
