#pragma once

// A folder for one test's files, and ways to fill it.

#include <lzma.h>

#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/check.h"
#include "tests/support/temporary_directory.h"

namespace strobe::test {

class ScratchFolder {
 public:
  std::string path(const std::string& name = "") const { return (folder_ / name).string(); }

  // Writes a file and says where it is.
  std::string write(const std::string& name, std::string_view content) const {
    // Writing over a file makes some file systems wait for the disk; a new one does not.
    std::filesystem::remove(path(name));
    std::ofstream file(folder_ / name, std::ios::binary);
    file.write(content.data(), static_cast<std::streamsize>(content.size()));
    STROBE_CHECK(file.good());
    return path(name);
  }

 private:
  TemporaryDirectory folder_;
};

inline std::string xz_of(std::string_view content) {
  std::vector<std::uint8_t> packed(lzma_stream_buffer_bound(content.size()));
  std::size_t size = 0;
  const lzma_ret code = lzma_easy_buffer_encode(
      0, LZMA_CHECK_CRC32, nullptr, reinterpret_cast<const std::uint8_t*>(content.data()),
      content.size(), packed.data(), &size, packed.size());
  STROBE_CHECK(code == LZMA_OK);
  return std::string(packed.begin(), packed.begin() + static_cast<std::ptrdiff_t>(size));
}

inline std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace strobe::test
