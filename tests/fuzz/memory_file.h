#pragma once

// A file that lives in memory, for readers that open what they are given by name.

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "sim/base/check.h"

namespace strobe::fuzz {

class MemoryFile {
 public:
  MemoryFile(const std::uint8_t* content, std::size_t size) : file_(::memfd_create("fuzz", 0)) {
    STROBE_CHECK(file_ >= 0);
    STROBE_CHECK(::write(file_, content, size) == static_cast<ssize_t>(size));
  }
  ~MemoryFile() { ::close(file_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  std::string path() const { return "/proc/self/fd/" + std::to_string(file_); }

 private:
  int file_;
};

}  // namespace strobe::fuzz
