#include "sim/run/target.h"

#include <algorithm>
#include <fstream>

#include "sim/base/error.h"
#include "sim/device/catalogue.h"

namespace strobe::run {

namespace {

bool is_path(const std::string& name) {
  return name.find('/') != std::string::npos || name.ends_with(".toml");
}

// A file of configs/dram begins with the table [part]; the reader reports whatever else is wrong.
bool has_part_table(const std::string& path) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("[part]")) return true;
  }
  return false;
}

}  // namespace

Target target_named(const std::string& name) {
  if (is_path(name)) return has_part_table(name) ? Target::memory_part : Target::gpu;
  const auto parts = device::list_parts();
  if (std::ranges::find(parts, name) != parts.end()) return Target::memory_part;
  device::find_gpu(name);  // throws when there is none
  return Target::gpu;
}

}  // namespace strobe::run
