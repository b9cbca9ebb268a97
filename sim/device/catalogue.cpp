#include "sim/device/catalogue.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "sim/base/error.h"
#include "sim/device/nearest_name.h"

namespace strobe::device {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> roots() {
  std::vector<fs::path> result;
  const char* chosen = std::getenv("STROBE_CONFIGS");
  if (chosen != nullptr && *chosen != '\0') result.emplace_back(chosen);
  result.emplace_back(STROBE_SOURCE_CONFIGS);
  result.emplace_back(STROBE_INSTALLED_CONFIGS);
  return result;
}

std::vector<std::string> list(const char* folder) {
  std::vector<std::string> names;
  for (const fs::path& root : roots()) {
    std::error_code absent;
    for (const auto& entry : fs::directory_iterator(root / folder, absent)) {
      if (entry.path().extension() == ".toml") names.push_back(entry.path().stem().string());
    }
  }
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::string find(const char* folder, const char* what, const std::string& name) {
  if (name.find('/') != std::string::npos || name.ends_with(".toml")) return name;
  for (const fs::path& root : roots()) {
    const fs::path path = root / folder / (name + ".toml");
    if (fs::exists(path)) return path.string();
  }
  const std::vector<std::string> known = list(folder);
  std::string hint = did_you_mean(name, known);
  if (hint.empty() && known.empty()) hint = "; no configs found, set STROBE_CONFIGS";
  throw UserError("no " + std::string(what) + " '" + name + "'" + hint);
}

}  // namespace

std::string find_gpu(const std::string& name) {
  return find("gpu", "GPU", name);
}

std::string find_part(const std::string& name) {
  return find("dram", "memory part", name);
}

std::string find_network(const std::string& name) {
  if (name.ends_with(".onnx")) return name;
  return find("networks", "network", name);
}

std::vector<std::string> list_gpus() {
  return list("gpu");
}

std::vector<std::string> list_parts() {
  return list("dram");
}

std::vector<std::string> list_networks() {
  return list("networks");
}

}  // namespace strobe::device
