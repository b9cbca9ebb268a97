#include "sim/device/section.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <limits>

#include "sim/base/check.h"
#include "sim/device/nearest_name.h"

namespace strobe::device {
namespace {

std::string in_quotes(std::string_view name) {
  return "'" + std::string(name) + "'";
}

[[noreturn]] void refuse(const TomlNode& value, const std::string& problem) {
  throw UserError(value.place, in_quotes(value.path) + " " + problem);
}

// "configs/gpu/v100.toml" -> "gpu/v100.toml": output files do not depend on where a tree lies.
std::string short_name(const std::string& file) {
  const std::filesystem::path path(file);
  return (path.parent_path().filename() / path.filename()).generic_string();
}

}  // namespace

Section::Section(const TomlNode& node, std::vector<Sourced>& sources)
    : node_(&node), sources_(&sources) {
  STROBE_CHECK(node.kind == TomlNode::Kind::table);
}

std::string Section::text(std::string_view key) {
  const TomlNode* value = take(key, TomlNode::Kind::text, "a text");
  if (value == nullptr) return "";
  if (value->text.empty()) refuse(*value, "must not be empty");
  return value->text;
}

bool Section::flag(std::string_view key) {
  const TomlNode* value = take(key, TomlNode::Kind::flag, "true or false");
  return value != nullptr && value->flag;
}

std::uint32_t Section::count(std::string_view key, std::uint32_t least) {
  const TomlNode* value = take(key, TomlNode::Kind::integer, "an integer without unit");
  if (value == nullptr) return 0;
  constexpr std::int64_t kMost = std::numeric_limits<std::uint32_t>::max();
  if (value->integer < least || value->integer > kMost) {
    refuse(*value, "must be " + std::to_string(least) + " to " + std::to_string(kMost));
  }
  record(*value);
  return static_cast<std::uint32_t>(value->integer);
}

std::variant<Picoseconds, Cycles> Section::duration(std::string_view key) {
  const TomlNode* value = node_->find(key);
  if (value != nullptr && has_unit_of(value->text, Dimension::cycles)) return quantity<Cycles>(key);
  return quantity<Picoseconds>(key);
}

Section Section::section(std::string_view key) {
  static const TomlNode kNothing;
  const TomlNode* table = take(key, TomlNode::Kind::table, "a table");
  Section result(table == nullptr ? kNothing : *table, *sources_);
  result.absent_ = table == nullptr;
  return result;
}

std::vector<Section> Section::sections(std::string_view key) {
  const TomlNode* list = take(key, TomlNode::Kind::list, "a list of tables");
  std::vector<Section> result;
  if (list == nullptr) return result;
  for (const TomlNode& table : list->children) {
    if (table.kind != TomlNode::Kind::table) refuse(table, "must be a table");
    result.emplace_back(table, *sources_);
  }
  return result;
}

const TomlNode* Section::optional(std::string_view key) {
  if (std::ranges::find(known_, key) == known_.end()) known_.emplace_back(key);
  return node_->find(key);
}

void Section::close() const {
  if (absent_) return;
  std::vector<std::string> missing;
  for (const std::string& key : required_) {
    if (node_->find(key) == nullptr) missing.push_back(key);
  }
  for (const TomlNode& child : node_->children) {
    if (std::ranges::find(known_, child.key) != known_.end()) continue;
    std::string hint = did_you_mean(child.key, missing);
    if (hint.empty()) hint = did_you_mean(child.key, known_);
    throw UserError(child.place, "unknown key " + in_quotes(child.path) + hint);
  }
  if (!missing.empty()) {
    throw UserError(node_->place, "missing key " + in_quotes(path_of(missing.front())));
  }
}

const TomlNode* Section::take(std::string_view key) {
  required_.emplace_back(key);
  return optional(key);
}

const TomlNode* Section::take(std::string_view key, TomlNode::Kind kind,
                              std::string_view expected) {
  const TomlNode* value = take(key);
  if (value != nullptr && value->kind != kind) refuse(*value, "must be " + std::string(expected));
  return value;
}

std::int64_t Section::measure(std::string_view key, Dimension dimension, std::int64_t least) {
  const TomlNode* value = take(key, TomlNode::Kind::text, "a text with a number and a unit");
  if (value == nullptr) return 0;
  const ParsedQuantity parsed = parse_quantity(value->text, dimension);
  if (!parsed.problem.empty()) refuse(*value, parsed.problem);
  if (parsed.count < least) {
    refuse(*value, least == 1 ? "must not be zero" : "must be at least " + std::to_string(least));
  }
  record(*value);
  return parsed.count;
}

std::size_t Section::position(const TomlNode& value, std::span<const std::string_view> names) {
  const auto found = std::ranges::find(names, value.text);
  if (value.kind == TomlNode::Kind::text && found != names.end()) {
    return static_cast<std::size_t>(found - names.begin());
  }
  std::string known;
  for (const std::string_view name : names) known += (known.empty() ? "" : ", ") + in_quotes(name);
  refuse(value, "must be one of " + known);
}

void Section::record(const TomlNode& value) {
  const bool is_text = value.kind == TomlNode::Kind::text;
  if (value.provenance.from.empty()) {
    refuse(value, "does not say where it comes from: add from and source to it or to its table");
  }
  sources_->push_back({value.path, is_text ? value.text : std::to_string(value.integer),
                       value.provenance.from, value.provenance.source, short_name(value.place.file),
                       value.place.line});
}

std::string Section::path_of(std::string_view key) const {
  return node_->path.empty() ? std::string(key) : node_->path + "." + std::string(key);
}

}  // namespace strobe::device
