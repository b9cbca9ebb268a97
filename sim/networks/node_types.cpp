#include "sim/networks/node_types.h"

#include <algorithm>
#include <array>

namespace strobe::networks {
namespace {

constexpr std::string_view kWindow = "kernel kernel_width stride padding";

constexpr std::array<NodeType, 22> kTypes{{
    {"conv", Kind::convolution, 1, "out kernel kernel_width stride padding groups bias",
     "out kernel"},
    {"linear", Kind::linear, 1, "out bias tied", "out"},
    {"max_pool", Kind::max_pool, 1, kWindow, "kernel"},
    {"avg_pool", Kind::average_pool, 1, kWindow, ""},
    {"batch_norm", Kind::batch_norm, 1, "", ""},
    {"layer_norm", Kind::layer_norm, 1, "", ""},
    {"rms_norm", Kind::rms_norm, 1, "", ""},
    {"relu", Kind::activation, 1, "", ""},
    {"gelu", Kind::activation, 1, "", ""},
    {"silu", Kind::activation, 1, "", ""},
    {"tanh", Kind::activation, 1, "", ""},
    {"add", Kind::add, 2, "", ""},
    {"mul", Kind::multiply, 2, "", ""},
    {"softmax", Kind::softmax, 1, "", ""},
    {"embedding", Kind::embedding, 1, "vocabulary out", "vocabulary out"},
    {"positions", Kind::positions, 1, "vocabulary", "vocabulary"},
    {"flatten", Kind::flatten, 1, "", ""},
    {"first", Kind::first, 1, "", ""},
    {"attention", Kind::attention, 3, "heads kv_heads causal mask dropout", "heads"},
    {"rotary", Kind::rotary, 1, "", ""},
    {"lstm", Kind::lstm, 1, "out", "out"},
    {"dropout", Kind::dropout, 1, "", ""},
}};

constexpr std::array<SizeKey, 14> kKeys{{
    {"out", &Sizes::out},
    {"kernel", &Sizes::kernel},
    {"kernel_width", &Sizes::kernel_width},
    {"stride", &Sizes::stride},
    {"padding", &Sizes::padding},
    {"groups", &Sizes::groups},
    {"heads", &Sizes::heads},
    {"kv_heads", &Sizes::kv_heads},
    {"vocabulary", &Sizes::vocabulary},
    {"bias", nullptr, &Sizes::bias},
    {"causal", nullptr, &Sizes::causal},
    {"mask", nullptr, &Sizes::mask},
    {"dropout", nullptr, &Sizes::dropout},
    {"tied", nullptr, &Sizes::tied},
}};

// Whether one of the blank-separated words of `list` is `word`.
bool has_word(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(' '), list.size());
    if (list.substr(0, end) == word) return true;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

}  // namespace

const NodeType* node_type_named(std::string_view name) {
  const auto* const found = std::find_if(kTypes.begin(), kTypes.end(),
                                         [&](const NodeType& type) { return type.name == name; });
  return found == kTypes.end() ? nullptr : found;
}

std::vector<std::string> node_type_names() {
  std::vector<std::string> names;
  for (const NodeType& type : kTypes) names.emplace_back(type.name);
  return names;
}

std::string keys_text(const NodeType& type) {
  std::string text = "name, inputs";
  for (const SizeKey& key : kKeys) {
    if (has_word(type.keys, key.name)) text += ", " + std::string(key.name);
  }
  return text;
}

const SizeKey* size_key_named(const NodeType& type, std::string_view name) {
  if (!has_word(type.keys, name)) return nullptr;
  return std::find_if(kKeys.begin(), kKeys.end(),
                      [&](const SizeKey& key) { return key.name == name; });
}

void complete(const NodeType& type, Node& node) {
  Sizes& sizes = node.sizes;
  for (const SizeKey& key : kKeys) {
    if (has_word(type.required, key.name) && sizes.*(key.count) == 0) {
      throw UserError(node.place, "a layer '" + std::string(type.name) + "' needs " +
                                      std::string(key.name) + " = ...");
    }
  }
  if (sizes.kernel_width == 0) sizes.kernel_width = sizes.kernel;
  const bool is_pooling = type.kind == Kind::max_pool || type.kind == Kind::average_pool;
  if (sizes.stride == 0) sizes.stride = is_pooling ? std::max<std::uint64_t>(sizes.kernel, 1) : 1;
}

}  // namespace strobe::networks
