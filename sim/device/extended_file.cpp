#include "sim/device/extended_file.h"

#include <filesystem>
#include <utility>

namespace strobe::device {

TomlNode read_extended(const std::string& file, std::vector<std::string>& files) {
  TomlNode top = read_toml(file);
  files.push_back(file);
  const TomlNode* extends = top.find("extends");
  if (extends == nullptr) return top;
  if (extends->kind != TomlNode::Kind::text || extends->text.find('/') != std::string::npos) {
    throw UserError(extends->place, "'extends' must be the name of a file in the same folder");
  }
  const auto base_file = std::filesystem::path(file).replace_filename(extends->text + ".toml");
  if (!std::filesystem::exists(base_file)) {
    throw UserError(extends->place, "'extends': there is no " + base_file.string());
  }
  TomlNode base = read_toml(base_file.string());
  files.push_back(base_file.string());
  if (base.find("extends") != nullptr) {
    throw UserError(extends->place, "'extends': " + extends->text + " extends another file itself");
  }
  std::erase_if(top.children, [](const TomlNode& child) { return child.key == "extends"; });
  overlay(base, std::move(top));
  return base;
}

}  // namespace strobe::device
