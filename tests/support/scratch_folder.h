#pragma once

// A folder for one test's files, gone when the test is.

#include <lzma.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/check.h"

namespace strobe::test {

class ScratchFolder {
 public:
  ScratchFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "strobe-test-XXXXXX").string();
    STROBE_CHECK(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~ScratchFolder() {
    std::error_code unused;
    std::filesystem::remove_all(path_, unused);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  std::string path(const std::string& name = "") const { return (path_ / name).string(); }

  // Writes a file and says where it is.
  std::string write(const std::string& name, std::string_view content) const {
    std::ofstream file(path_ / name, std::ios::binary);
    file.write(content.data(), static_cast<std::streamsize>(content.size()));
    STROBE_CHECK(file.good());
    return path(name);
  }

 private:
  std::filesystem::path path_;
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
