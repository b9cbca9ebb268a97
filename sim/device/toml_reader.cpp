#include "sim/device/toml_reader.h"

#include <toml++/toml.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

namespace strobe::device {
namespace {

Place place_from(const toml::source_region& region, const std::string& file) {
  return {file, static_cast<std::int64_t>(region.begin.line),
          static_cast<std::int64_t>(region.begin.column)};
}

std::string joined(const std::string& path, std::string_view key) {
  return path.empty() ? std::string(key) : path + "." + std::string(key);
}

class Converter {
 public:
  explicit Converter(const std::string& file) : file_(file) {}

  TomlNode table(const toml::table& from, TomlNode node, const Provenance& inherited) const {
    node.kind = TomlNode::Kind::table;
    const Provenance stated = provenance_of(from, from.is_inline() ? inherited : Provenance{});
    for (auto&& [key, value] : from) {
      if (key == "from" || key == "source") continue;
      TomlNode child;
      child.key = key.str();
      child.path = joined(node.path, key.str());
      child.place = place_from(key.source(), file_);
      node.children.push_back(convert(value, std::move(child), stated));
    }
    std::ranges::sort(node.children, {}, [](const TomlNode& child) {
      return std::pair(child.place.line, child.place.column);
    });
    return node;
  }

 private:
  TomlNode convert(const toml::node& from, TomlNode node, const Provenance& stated) const {
    if (const toml::table* inner = from.as_table()) {
      return inner->contains("value") ? quantity(*inner, std::move(node), stated)
                                      : table(*inner, std::move(node), stated);
    }
    if (const toml::array* list = from.as_array()) {
      node.kind = TomlNode::Kind::list;
      for (std::size_t i = 0; i < list->size(); ++i) {
        TomlNode child;
        child.key = "[" + std::to_string(i) + "]";
        child.path = node.path + child.key;
        child.place = place_from((*list)[i].source(), file_);
        node.children.push_back(convert((*list)[i], std::move(child), stated));
      }
      return node;
    }
    return scalar(from, std::move(node), stated);
  }

  // { value = "14 ns", from = "standard", source = "..." }
  TomlNode quantity(const toml::table& from, TomlNode node, const Provenance& stated) const {
    for (auto&& [key, value] : from) {
      if (key == "value" || key == "from" || key == "source") continue;
      throw UserError(place_from(key.source(), file_),
                      "unknown key '" + joined(node.path, key.str()) +
                          "'; beside a value there are only from and source");
    }
    const Provenance own = provenance_of(from, stated);
    return scalar(*from.get("value"), std::move(node), own);
  }

  static TomlNode scalar(const toml::node& from, TomlNode node, const Provenance& stated) {
    node.kind = TomlNode::Kind::other;
    node.provenance = stated;
    if (const auto* text = from.as_string()) {
      node.kind = TomlNode::Kind::text;
      node.text = text->get();
    } else if (const auto* integer = from.as_integer()) {
      node.kind = TomlNode::Kind::integer;
      node.integer = integer->get();
    } else if (const auto* flag = from.as_boolean()) {
      node.kind = TomlNode::Kind::flag;
      node.flag = flag->get();
    }
    return node;
  }

  Provenance provenance_of(const toml::table& table, const Provenance& inherited) const {
    const toml::node* from = table.get("from");
    const toml::node* source = table.get("source");
    if (from == nullptr && source == nullptr) return inherited;
    const toml::node& stated = from != nullptr ? *from : *source;
    const Place place = place_from(stated.source(), file_);
    if (source == nullptr) throw UserError(place, "'from' needs a 'source' beside it");
    if (from == nullptr) throw UserError(place, "'source' needs a 'from' beside it");
    const Provenance result{from->value_or(std::string()), source->value_or(std::string())};
    if (std::ranges::find(kFromWords, result.from) == std::end(kFromWords)) {
      throw UserError(place,
                      "'from' must be \"standard\", \"datasheet\", \"measured\", \"derived\" or "
                      "\"assumed\"");
    }
    if (result.source.empty()) {
      throw UserError(place_from(source->source(), file_), "'source' must name a source");
    }
    return result;
  }

  const std::string& file_;
};

// Of a value, unambiguous: a text is in quotes, so that "8" and 8 differ.
std::string value_text(const TomlNode& value) {
  switch (value.kind) {
    case TomlNode::Kind::text:
      return '"' + value.text + '"';
    case TomlNode::Kind::integer:
      return std::to_string(value.integer);
    case TomlNode::Kind::flag:
      return value.flag ? "true" : "false";
    default:
      return "{}";  // an empty table or list
  }
}

void add_canonical(const TomlNode& node, const std::string& name, std::vector<std::string>& lines) {
  if (node.children.empty()) lines.push_back(name + " = " + value_text(node) + "\n");
  for (const TomlNode& child : node.children) {
    add_canonical(child, joined(name, child.key), lines);
  }
}

}  // namespace

const TomlNode* TomlNode::find(std::string_view child) const {
  const auto found = std::ranges::find(children, child, &TomlNode::key);
  return found == children.end() ? nullptr : &*found;
}

TomlNode parse_toml(std::string_view text, const std::string& file) {
  try {
    const toml::table table = toml::parse(text, file);
    TomlNode root;
    root.place = {file, 1, 0};
    return Converter(file).table(table, std::move(root), {});
  } catch (const toml::parse_error& error) {
    throw UserError(place_from(error.source(), file), std::string(error.description()));
  }
}

TomlNode read_toml(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream || std::filesystem::is_directory(file)) throw UserError({file}, "cannot be read");
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  if (stream.bad()) throw UserError({file}, "cannot be read");
  return parse_toml(text, file);
}

void overlay(TomlNode& base, TomlNode top) {
  base.place = top.place;
  for (TomlNode& child : top.children) {
    const auto found = std::ranges::find(base.children, child.key, &TomlNode::key);
    if (found == base.children.end()) {
      base.children.push_back(std::move(child));
    } else if (found->kind == TomlNode::Kind::table && child.kind == TomlNode::Kind::table) {
      overlay(*found, std::move(child));
    } else {
      *found = std::move(child);
    }
  }
}

std::string canonical_text(const TomlNode& root) {
  std::vector<std::string> lines;
  add_canonical(root, "", lines);
  std::ranges::sort(lines);
  std::string text;
  for (const std::string& line : lines) text += line;
  return text;
}

Place place_of(const TomlNode& root, std::string_view path) {
  // By keys and not by the nodes' own paths: a value laid over another keeps the path and the place
  // that it has in its own file.
  const TomlNode* innermost = &root;
  while (!path.empty()) {
    const std::size_t end = path.find_first_of(".[", 1);
    const TomlNode* child = innermost->find(path.substr(0, end));
    if (child == nullptr) break;
    innermost = child;
    path = end == std::string_view::npos ? "" : path.substr(path[end] == '.' ? end + 1 : end);
  }
  return innermost->place;
}

}  // namespace strobe::device
