#include "sim/sweep/sweep_file.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "sim/device/section.h"
#include "sim/sweep/axis_reader.h"

namespace strobe::sweep {
namespace {

using device::Section;
using device::TomlNode;

// A number of a sweep that states no other source has the sweep for one.
void state_source(TomlNode& node, const std::string& source) {
  if (node.provenance.from.empty()) node.provenance = {"assumed", source};
  for (TomlNode& child : node.children) state_source(child, source);
}

Choice text_choice(const std::string& text, const TomlNode& value) {
  return {text, value};
}

// target = "v100-pcie-32gb", or a list of them, which is an axis.
Axis read_targets(const TomlNode& value) {
  Axis axis{kTargetAxis, "", "", value.place, {}};
  const bool is_list = value.kind == TomlNode::Kind::list;
  if (is_list) axis.dimension = kTargetAxis;
  for (const TomlNode& target : is_list ? value.children : std::vector<TomlNode>{value}) {
    if (target.kind != TomlNode::Kind::text || target.text.empty()) {
      throw UserError(target.place, "'target' must name GPUs or memory parts");
    }
    axis.choices.push_back(text_choice(target.text, target));
  }
  return axis;
}

run::Target kind_of(const Axis& targets) {
  std::optional<run::Target> kind;
  for (const Choice& target : targets.choices) {
    run::Target own{};
    try {
      own = run::target_named(target.text);
    } catch (const UserError& error) {
      throw UserError(target.value.place, error.what());
    }
    if (kind && own != *kind) {
      throw UserError(target.value.place,
                      "a sweep runs on GPUs or on memory parts, and this one names both");
    }
    kind = own;
  }
  if (!kind) throw UserError(targets.place, "'target' must not be empty");
  return *kind;
}

// A work is called what its name says, or else what it replays.
std::string name_of_work(const TomlNode& work) {
  for (const char* key : {"name", "pattern", "trace", "layer", "network"}) {
    const TomlNode* value = work.find(key);
    if (value == nullptr) continue;
    if (value->kind != TomlNode::Kind::text || value->text.empty()) {
      throw UserError(value->place, "'" + value->path + "' must be a text");
    }
    if (value->key == "layer") return value->text;
    const std::filesystem::path path(value->text);
    return path.has_filename() ? path.filename().string() : path.parent_path().filename().string();
  }
  throw UserError(work.place, "a [[work]] needs one of trace, pattern, layer and network");
}

Axis read_works(const TomlNode* list, const TomlNode& root, std::vector<TomlNode>& works) {
  if (list == nullptr) {
    throw UserError(root.place, "missing key 'work': a [[work]] table says what is run");
  }
  Axis axis{kWorkAxis, "", "", list->place, {}};
  if (list->kind != TomlNode::Kind::list || list->children.empty()) {
    throw UserError(list->place, "'work' must be [[work]] tables");
  }
  if (list->children.size() > 1) axis.dimension = kWorkAxis;
  for (const TomlNode& work : list->children) {
    if (work.kind != TomlNode::Kind::table) throw UserError(work.place, "must be a table");
    const std::string name = name_of_work(work);
    if (std::ranges::find(axis.choices, name, &Choice::text) != axis.choices.end()) {
      throw UserError(work.place, "another [[work]] is called '" + name + "': give it a name");
    }
    axis.choices.push_back(text_choice(name, work));
    works.push_back(work);
    std::erase_if(works.back().children, [](const TomlNode& key) { return key.key == "name"; });
  }
  return axis;
}

// seeds = 5 means 1 to 5; a list names them.
Axis read_seeds(const TomlNode& value) {
  constexpr std::int64_t kMostSeeds = 10'000;
  Axis axis{kSeedAxis, "", kSeedAxis, value.place, {}};
  std::vector<TomlNode> seeds = value.children;
  if (value.kind == TomlNode::Kind::integer && value.integer <= kMostSeeds) {
    for (std::int64_t seed = 1; seed <= value.integer; ++seed) {
      seeds.push_back(value);
      seeds.back().integer = seed;
    }
  }
  for (const TomlNode& seed : seeds) {
    if (seed.kind != TomlNode::Kind::integer || seed.integer < 0) {
      throw UserError(seed.place, "'seeds' must be integers that are not negative");
    }
    axis.choices.push_back(text_choice(std::to_string(seed.integer), seed));
  }
  if (axis.choices.empty()) {
    throw UserError(value.place, "'seeds' must say how many, up to 10000, or list them");
  }
  return axis;
}

// The values of a table and of those inside it, with dotted keys.
template <class Take>
void for_each_leaf(const TomlNode& table, const std::string& prefix, const Take& take) {
  for (const TomlNode& child : table.children) {
    const std::string key = prefix + child.key;
    if (child.kind == TomlNode::Kind::table) {
      for_each_leaf(child, key + ".", take);
    } else {
      take(key, child);
    }
  }
}

Expression expression_of(const TomlNode& value) {
  if (value.kind != TomlNode::Kind::text) {
    throw UserError(value.place, "'" + value.path + "' must be a text with an expression");
  }
  return {value.text, value.place};
}

void read_settings(Section& root, SweepFile& sweep) {
  if (root.optional("set") != nullptr) {
    for_each_leaf(root.section("set").node(), "", [&](const std::string& key, const TomlNode& v) {
      sweep.settings.push_back({key, v});
    });
  }
  if (root.optional("derived") != nullptr) {
    for_each_leaf(root.section("derived").node(), "",
                  [&](const std::string& key, const TomlNode& value) {
                    sweep.derived.push_back({key, expression_of(value)});
                  });
  }
  const TomlNode* where = root.optional("where");
  if (where == nullptr) return;
  const bool is_list = where->kind == TomlNode::Kind::list;
  for (const TomlNode& each : is_list ? where->children : std::vector<TomlNode>{*where}) {
    sweep.where.push_back(expression_of(each));
  }
}

// Two names for one thing would make expressions and coordinates ambiguous, two values for one key
// would make one of them a lie.
void refuse_doubles(const SweepFile& sweep) {
  std::vector<std::string> keys;
  const auto claim = [&keys](const std::string& key, const Place& place) {
    if (key.empty()) return;
    if (std::ranges::find(keys, key) != keys.end()) {
      throw UserError(place, "'" + key + "' is set twice");
    }
    keys.push_back(key);
  };
  for (const Axis& axis : sweep.axes) claim(axis.key, axis.place);
  for (const Setting& setting : sweep.settings) claim(setting.key, setting.value.place);
  for (const Derived& derived : sweep.derived) claim(derived.key, derived.expression.place);
  for (std::size_t i = 0; i < sweep.axes.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (sweep.axes[i].name == sweep.axes[j].name) {
        throw UserError(sweep.axes[i].place, "another axis is called '" + sweep.axes[i].name + "'");
      }
    }
  }
}

}  // namespace

SweepFile read_sweep_file(const std::string& file) {
  SweepFile sweep;
  sweep.file = file;
  TomlNode root = device::read_toml(file);
  std::ifstream stream(file, std::ios::binary);
  sweep.text.assign(std::istreambuf_iterator<char>(stream), {});
  state_source(root, "set by " + std::filesystem::path(file).filename().string());

  std::vector<device::Sourced> unused;
  Section section(root, unused);
  if (section.optional("title") != nullptr) sweep.title = section.text("title");
  const TomlNode* target = section.optional("target");
  const TomlNode* works = section.optional("work");
  const TomlNode* seeds = section.optional("seeds");
  std::vector<Section> axes;
  if (section.optional("axis") != nullptr) axes = section.sections("axis");
  read_settings(section, sweep);
  section.close();
  if (target == nullptr) throw UserError(root.place, "missing key 'target'");

  sweep.axes.push_back(read_targets(*target));
  sweep.kind = kind_of(sweep.axes.front());
  sweep.axes.push_back(read_works(works, root, sweep.works));
  for (Section& axis : axes) sweep.axes.push_back(read_axis(axis));
  if (seeds != nullptr) sweep.axes.push_back(read_seeds(*seeds));
  refuse_doubles(sweep);
  return sweep;
}

}  // namespace strobe::sweep
