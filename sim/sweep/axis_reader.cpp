#include "sim/sweep/axis_reader.h"

#include <algorithm>
#include <cctype>

namespace strobe::sweep {
namespace {

using device::Section;
using device::TomlNode;

constexpr std::size_t kMostChoices = 100'000;
constexpr std::array<std::string_view, 9> kReserved{"and",    "or",   "status", "error",      "run",
                                                    "target", "work", "seed",   "latency_bin"};

// As the user wrote it.
std::string shown(const TomlNode& value) {
  switch (value.kind) {
    case TomlNode::Kind::text:
      return value.text;
    case TomlNode::Kind::integer:
      return std::to_string(value.integer);
    case TomlNode::Kind::flag:
      return value.flag ? "true" : "false";
    default:
      throw UserError(value.place, "'" + value.path +
                                       "' must be a text, an integer, true or false; a fraction "
                                       "is a text");
  }
}

Amount number_of(const TomlNode& value) {
  const std::optional<Amount> amount = amount_of(shown(value));
  if (amount) return *amount;
  throw UserError(value.place, "'" + value.path + "' must be a number, with its unit in a text");
}

Choice choice_of(const Amount& amount, const TomlNode& written) {
  Choice choice{text_of(amount, {shown(written), written.place}), written};
  choice.value.kind = amount.dimension ? TomlNode::Kind::text : TomlNode::Kind::integer;
  choice.value.text = choice.text;
  choice.value.integer = amount.numerator;
  return choice;
}

// range = [first, last] with step or factor. The last value is in it when the steps meet it.
std::vector<Choice> read_range(const TomlNode& range, const TomlNode* step,
                               const TomlNode* factor) {
  if (range.kind != TomlNode::Kind::list || range.children.size() != 2) {
    throw UserError(range.place, "'" + range.path + "' must be [first, last]");
  }
  if ((step == nullptr) == (factor == nullptr)) {
    throw UserError(range.place, "'" + range.path + "' needs a step or a factor beside it");
  }
  const TomlNode& by = step != nullptr ? *step : *factor;
  const Amount first = number_of(range.children[0]), last = number_of(range.children[1]);
  const Amount increment = number_of(by);
  const Amount least{factor != nullptr ? 1 : 0, 1, increment.dimension};
  if (compare(increment, least) <= 0) throw UserError(by.place, "'" + by.path + "' leads nowhere");
  const bool fits =
      first.dimension == last.dimension &&
      (step != nullptr ? increment.dimension == first.dimension : !increment.dimension.has_value());
  if (!fits) throw UserError(by.place, "'" + by.path + "' and the range differ in their units");
  if (factor != nullptr && first.numerator == 0) {
    throw UserError(range.children[0].place, "a factor leads nowhere from zero");
  }

  std::vector<Choice> choices;
  const Expression here{shown(by), by.place};
  for (Amount at = first; compare(at, last) <= 0;) {
    choices.push_back(choice_of(at, range.children[0]));
    if (choices.size() > kMostChoices) throw UserError(by.place, "the range has too many values");
    at = step != nullptr ? add(at, increment, here) : multiply(at, increment, here);
  }
  if (choices.empty()) throw UserError(range.place, "'" + range.path + "' ends before it begins");
  return choices;
}

std::vector<Choice> read_values(const TomlNode& list, bool may_repeat) {
  if (list.kind != TomlNode::Kind::list || list.children.empty()) {
    throw UserError(list.place, "'" + list.path + "' must be a list of values");
  }
  std::vector<Choice> choices;
  for (const TomlNode& value : list.children) {
    const std::string text = shown(value);
    if (!may_repeat && std::ranges::find(choices, text, &Choice::text) != choices.end()) {
      throw UserError(value.place, "'" + text + "' is in the list twice");
    }
    if (value.kind != list.children.front().kind) {
      throw UserError(value.place, "texts and numbers are mixed in '" + list.path + "'");
    }
    choices.push_back({text, value});
  }
  return choices;
}

std::string name_from(const std::string& key) {
  std::string name = key;
  std::ranges::replace(name, '.', '_');
  return name;
}

void check_name(const std::string& name, const Place& place) {
  const bool is_word = std::ranges::all_of(
      name, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; });
  if (!is_word || name.empty() || std::isdigit(static_cast<unsigned char>(name[0])) != 0) {
    throw UserError(place, "'" + name + "' is no name: letters, digits and _ are");
  }
  if (std::ranges::find(kReserved, name) != kReserved.end()) {
    throw UserError(place, "'" + name + "' means something else already: give the axis a name");
  }
}

}  // namespace

Axis read_axis(Section& section) {
  Axis axis;
  axis.place = section.node().place;
  if (section.optional("key") != nullptr) axis.key = section.text("key");
  axis.name = name_from(axis.key);
  if (section.optional("name") != nullptr) axis.name = section.text("name");
  axis.dimension = axis.name;
  if (section.optional("along") != nullptr) axis.dimension = section.text("along");
  const TomlNode* values = section.optional("values");
  const TomlNode* range = section.optional("range");
  const TomlNode* step = section.optional("step");
  const TomlNode* factor = section.optional("factor");
  section.close();

  if (axis.name.empty()) throw UserError(axis.place, "an [[axis]] needs a key or a name");
  check_name(axis.name, axis.place);
  const bool is_along_other =
      axis.dimension == kTargetAxis || axis.dimension == kWorkAxis || axis.dimension == kSeedAxis;
  if (!is_along_other) check_name(axis.dimension, axis.place);
  if ((values == nullptr) == (range == nullptr)) {
    throw UserError(axis.place, "axis '" + axis.name + "' needs either values or a range");
  }
  if (values != nullptr && (step != nullptr || factor != nullptr)) {
    throw UserError(axis.place, "axis '" + axis.name + "': step and factor are for a range");
  }
  // In step with others, a value may come again beside another one of theirs.
  const bool is_in_step = axis.dimension != axis.name;
  axis.choices =
      values != nullptr ? read_values(*values, is_in_step) : read_range(*range, step, factor);
  return axis;
}

}  // namespace strobe::sweep
