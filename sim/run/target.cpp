#include "sim/run/target.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "sim/base/error.h"
#include "sim/device/catalogue.h"
#include "sim/device/nearest_name.h"

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
  std::vector<std::string> known = device::list_parts();
  if (std::ranges::find(known, name) != known.end()) return Target::memory_part;
  const std::vector<std::string> gpus = device::list_gpus();
  if (gpus.empty() || std::ranges::find(gpus, name) != gpus.end()) {
    device::find_gpu(name);  // says what to do where no config can be found
    return Target::gpu;
  }
  known.insert(known.end(), gpus.begin(), gpus.end());
  throw UserError("no GPU or memory part '" + name + "'" + device::did_you_mean(name, known));
}

}  // namespace strobe::run
