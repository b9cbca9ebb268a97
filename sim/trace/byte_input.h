#pragma once

// Bytes of a file, plain or xz-compressed, in bounded memory. Compression is told by the file's
// first bytes, not by its name, so a renamed trace still opens. This is the door to liblzma.

#include <lzma.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace strobe::trace {

inline constexpr std::string_view kStandardInput = "-";  // in place of a file's name

class ByteInput {
 public:
  explicit ByteInput(const std::string& path);
  ~ByteInput();
  ByteInput(const ByteInput&) = delete;
  ByteInput& operator=(const ByteInput&) = delete;

  // Fills `into` as far as the file goes; less than asked for means the end.
  std::size_t read(std::span<char> into);
  // The next bytes, fewer only at the end, which the next read hands out again: what a file is can
  // be told by them from a pipe too. Lives until then.
  std::string_view peek(std::size_t size);
  const std::string& path() const { return path_; }

 private:
  std::size_t read_file(char* into, std::size_t size);
  std::size_t read_on(std::span<char> into);
  std::size_t read_xz(std::span<char> into);
  void start_xz();

  std::string path_;
  int file_ = -1;
  bool is_xz_ = false;
  bool xz_ended_ = false;
  lzma_stream xz_ = LZMA_STREAM_INIT;
  std::vector<std::uint8_t> packed_;  // compressed bytes not decoded yet
  std::vector<char> ahead_;           // bytes read to tell what the file is, handed out first
  std::size_t ahead_used_ = 0;
};

}  // namespace strobe::trace
