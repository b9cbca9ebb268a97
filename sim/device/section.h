#pragma once

// Reading one table of a config file, key by key. A reader asks for every key that it knows and
// then closes the section: keys that nobody asked for are refused, with the nearest name that was
// asked for, and so are keys that were asked for and are not there. Both wait for close(), because
// a mistyped key is both at once and only its unknown name tells the user what happened.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sim/device/quantity_text.h"
#include "sim/device/spec.h"
#include "sim/device/toml_reader.h"

namespace strobe::device {

class Section {
 public:
  // Every number read is appended to `sources`. `node` must be a table and outlive the section.
  Section(const TomlNode& node, std::vector<Sourced>& sources);

  // A missing key gives a value of zero; close() then throws. A value of the wrong type or unit,
  // out of range or without provenance throws at once.
  std::string text(std::string_view key);
  bool flag(std::string_view key);
  std::uint32_t count(std::string_view key, std::uint32_t least = 1);
  std::variant<Picoseconds, Cycles> duration(std::string_view key);  // "14 ns" or "4 tCK"

  template <class Q>
  Q quantity(std::string_view key, std::int64_t least = 1) {
    return Q(measure(key, kDimensionOf<Q>, least));
  }

  // One of `names`, as the enumerator with that position; a list of them.
  template <class Enum, std::size_t N>
  Enum choice(std::string_view key, const std::array<std::string_view, N>& names) {
    const TomlNode* value = take(key);
    return static_cast<Enum>(value == nullptr ? 0 : position(*value, names));
  }
  template <class Enum, std::size_t N>
  std::vector<Enum> choices(std::string_view key, const std::array<std::string_view, N>& names) {
    std::vector<Enum> result;
    const TomlNode* list = take(key, TomlNode::Kind::list, "a list of texts");
    for (std::size_t i = 0; list != nullptr && i < list->children.size(); ++i) {
      result.push_back(static_cast<Enum>(position(list->children[i], names)));
    }
    return result;
  }

  Section section(std::string_view key);
  std::vector<Section> sections(std::string_view key);  // [[key]]

  // The value of a key that need not be there, or null.
  const TomlNode* optional(std::string_view key);
  const TomlNode& node() const { return *node_; }

  // Refuses what is unknown, then what is missing.
  void close() const;

 private:
  const TomlNode* take(std::string_view key);
  const TomlNode* take(std::string_view key, TomlNode::Kind kind, std::string_view expected);
  std::int64_t measure(std::string_view key, Dimension dimension, std::int64_t least);
  static std::size_t position(const TomlNode& value, std::span<const std::string_view> names);
  void record(const TomlNode& value);
  std::string path_of(std::string_view key) const;

  const TomlNode* node_;
  std::vector<Sourced>* sources_;
  std::vector<std::string> known_, required_;
  bool absent_ = false;  // stands for a table that is missing: its parent complains, not itself
};

}  // namespace strobe::device
