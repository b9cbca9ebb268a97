#pragma once

// What a result file says about how it came to be, so that a number can be traced back and a run
// repeated.

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace strobe::report {

struct InputFile {
  std::string path;
  std::uint64_t bytes = 0;
  std::string sha256;  // as sha256sum prints it
};

struct Provenance {
  std::string strobe_version;
  std::string command_line;
  std::string created;  // utc_now()
  std::string trace;    // as the user named it
  std::vector<InputFile> inputs;
  std::uint64_t seed = 0;
  std::uint32_t host_threads = 1;
};

// Reads each file once. Throws UserError when one cannot be read.
std::vector<InputFile> hash_inputs(std::span<const std::filesystem::path> files);

// Of the bytes themselves.
std::string sha256(std::string_view bytes);

std::string utc_now();  // 2025-07-01T09:30:00Z

}  // namespace strobe::report
