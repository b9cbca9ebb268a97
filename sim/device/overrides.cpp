#include "sim/device/overrides.h"

#include <algorithm>
#include <utility>

namespace strobe::device {

void Overrides::set_of_gpu(std::string_view key, TomlNode value) {
  constexpr std::string_view kPart = "memory.part.";
  if (key.starts_with(kPart)) {
    put(part, key.substr(kPart.size()), std::move(value));
  } else {
    put(file, key, std::move(value));
  }
}

void put(TomlNode& tree, std::string_view key, TomlNode value) {
  TomlNode* table = &tree;
  std::string path;
  while (true) {
    const std::size_t end = std::min(key.find('.'), key.size());
    const std::string_view name = key.substr(0, end);
    path += (path.empty() ? "" : ".") + std::string(name);
    auto child = std::ranges::find(table->children, name, &TomlNode::key);
    if (child == table->children.end()) {
      TomlNode made;
      made.key = name;
      made.path = path;
      made.place = value.place;
      child = table->children.insert(child, std::move(made));
    }
    if (end == key.size()) {
      value.key = child->key;
      value.path = path;
      *child = std::move(value);
      return;
    }
    child->kind = TomlNode::Kind::table;
    table = &*child;
    key.remove_prefix(end + 1);
  }
}

void lay_over_file(TomlNode& base, const TomlNode& top) {
  TomlNode values = top;
  values.place = base.place;
  overlay(base, std::move(values));
}

}  // namespace strobe::device
