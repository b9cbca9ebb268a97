#pragma once

// Which layers a network file can have, and what it can say of each.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "sim/networks/network.h"

namespace strobe::networks {

struct SizeKey {
  std::string_view name;
  std::uint64_t Sizes::*count = nullptr;
  bool Sizes::*flag = nullptr;
};

struct NodeType {
  std::string_view name;
  Kind kind{};
  std::size_t inputs = 1;
  std::string_view keys;      // of size_key_named, with blanks between
  std::string_view required;  // of those
};

const NodeType* node_type_named(std::string_view name);
std::vector<std::string> node_type_names();
std::string keys_text(const NodeType& type);

// Null when layers of this type have no such key.
const SizeKey* size_key_named(const NodeType& type, std::string_view name);

// Puts in what is left out: square windows, a stride of one, or of the window in poolings. Throws
// UserError when something is missing that has no default.
void complete(const NodeType& type, Node& node);

}  // namespace strobe::networks
