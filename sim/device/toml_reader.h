#pragma once

// The door to toml++: a config file as a tree of plain values, each with its place in the file and
// with where it came from. What the values mean is section.h's and the readers' business.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/error.h"

namespace strobe::device {

// Where a number came from. A table may state it once for all numbers written directly in it; a
// number may state its own.
struct Provenance {
  std::string from;  // one of kFromWords
  std::string source;
};
inline constexpr std::string_view kFromWords[] = {"standard", "datasheet", "measured", "derived",
                                                  "assumed"};

struct TomlNode {
  enum class Kind : std::uint8_t { table, list, text, integer, flag, other };
  Kind kind = Kind::table;
  std::string key;   // its own name, "[3]" in a list
  std::string path;  // its whole name: "sm.l1.ways", "rule[3].wait"
  Place place;
  std::string text;
  std::int64_t integer = 0;
  bool flag = false;
  Provenance provenance;           // of a value; empty when the file states none
  std::vector<TomlNode> children;  // of a table or list, in the order of the file

  const TomlNode* find(std::string_view child) const;
};

// Throw UserError: no such file, not TOML (duplicate keys included), or a provenance that is
// incomplete or not one of the words.
TomlNode read_toml(const std::string& file);
TomlNode parse_toml(std::string_view text, const std::string& file);

// Puts the values of `top` over those of `base`, table by table.
void overlay(TomlNode& base, TomlNode top);

// Every key and value of the tree, a line each and sorted: equal for trees that mean the same,
// however their files are written. Where numbers come from is not a part of it.
std::string canonical_text(const TomlNode& root);

// Where `path` stands in the tree, or the innermost table on the way to it that exists.
Place place_of(const TomlNode& root, std::string_view path);

}  // namespace strobe::device
