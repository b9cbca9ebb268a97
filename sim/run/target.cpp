#include "sim/run/target.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "sim/base/error.h"
#include "sim/device/catalogue.h"

namespace strobe::run {

namespace {

bool is_path(const std::string& name) {
  return name.find('/') != std::string::npos || name.ends_with(".toml");
}

// The name between the quotes of a line, or none.
std::string name_in_quotes(const std::string& line) {
  const std::size_t begin = line.find('"') + 1, end = line.find('"', begin);
  return begin == 0 || end == std::string::npos ? "" : line.substr(begin, end - begin);
}

// A file of configs/dram has the table [part], or the sibling that it extends has; the reader
// reports whatever else is wrong.
bool is_part_file(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::string sibling;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("[part]")) return true;
    if (line.starts_with("extends")) sibling = name_in_quotes(line);
  }
  const std::filesystem::path extended = path.parent_path() / (sibling + ".toml");
  return !sibling.empty() && extended != path && is_part_file(extended);
}

}  // namespace

Target target_named(const std::string& name) {
  if (is_path(name)) return is_part_file(name) ? Target::memory_part : Target::gpu;
  const auto parts = device::list_parts();
  if (std::ranges::find(parts, name) != parts.end()) return Target::memory_part;
  device::find_gpu(name);  // throws when there is none
  return Target::gpu;
}

}  // namespace strobe::run
