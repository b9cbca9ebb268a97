#include "sim/device/overrides.h"

#include <algorithm>
#include <string>
#include <utility>

namespace strobe::device {

namespace {

std::string trimmed(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(' '), text.size());
  const std::size_t end = text.find_last_not_of(' ') + 1;
  return std::string(text.substr(begin, end - std::min(begin, end)));
}

TomlNode parse_value(std::string value, const std::string& file) {
  const std::size_t unit = value.find_first_not_of("0123456789.");
  const bool is_number = unit == std::string::npos && value.find('.') == std::string::npos;
  TomlNode node;
  if (is_number || value == "true" || value == "false" || value[0] == '[' || value[0] == '"') {
    node = parse_toml("value = " + value, file).children.at(0);
  } else {
    if (unit != 0 && unit != std::string::npos && value[unit] != ' ') value.insert(unit, " ");
    node.kind = TomlNode::Kind::text;
    node.text = std::move(value);
  }
  node.place = {file};
  node.provenance = {"assumed", "set for this run"};
  return node;
}

// Calls set(key, value) with each, if there are any.
template <class Set>
void for_each_setting(std::string_view settings, const Set& set) {
  if (settings.empty()) return;
  while (true) {
    const std::size_t end = std::min(settings.find(';'), settings.size());
    const std::string_view setting = settings.substr(0, end);
    const std::size_t equals = std::min(setting.find('='), setting.size());
    const std::string key = trimmed(setting.substr(0, equals));
    const std::string value = trimmed(setting.substr(std::min(equals + 1, setting.size())));
    if (key.empty() || value.empty()) {
      throw UserError(
          "--set must be KEY=VALUE such as memory.data_rate=20.502Gb/s, several with ';' "
          "between them, not '" +
          std::string(setting) + "'");
    }
    set(key, parse_value(value, "--set " + key));
    if (end == settings.size()) return;
    settings.remove_prefix(end + 1);
  }
}

}  // namespace

void Overrides::set_of_gpu(std::string_view key, TomlNode value) {
  constexpr std::string_view kPart = "memory.part.";
  if (key.starts_with(kPart)) {
    put(part, key.substr(kPart.size()), std::move(value));
  } else {
    put(file, key, std::move(value));
  }
}

Overrides overrides_of_gpu(std::string_view settings) {
  Overrides overrides;
  for_each_setting(settings, [&](std::string_view key, TomlNode value) {
    overrides.set_of_gpu(key, std::move(value));
  });
  return overrides;
}

TomlNode overrides_of_part(std::string_view settings) {
  TomlNode overrides;
  for_each_setting(settings, [&](std::string_view key, TomlNode value) {
    put(overrides, key, std::move(value));
  });
  return overrides;
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
