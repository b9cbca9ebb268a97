#include "sim/sweep/grid_axes.h"

#include <algorithm>
#include <limits>

#include "sim/base/check.h"

namespace strobe::sweep {
namespace {

using report::Label;
using report::StoredVariable;

constexpr std::size_t kMostPlaces = 1'000'000;

// What a number of a file is written in, and how many of those one of the simulator's is.
struct FileUnit {
  std::string name;
  double factor = 1;
};

FileUnit file_unit(device::Dimension dimension) {
  switch (dimension) {
    case device::Dimension::time:
      return {"s", 1e-12};
    case device::Dimension::cycles:
      return {"cycles"};
    case device::Dimension::frequency:
      return {"Hz", 1e3};
    case device::Dimension::size:
      return {"B"};
    case device::Dimension::bandwidth:
      return {"B s-1"};
    case device::Dimension::pin_rate:
      return {"bit s-1", 1e3};
    case device::Dimension::width:
      return {"B cycle-1"};
    case device::Dimension::bits:
      return {"bit"};
    case device::Dimension::energy:
      return {"J", 1e-15};
    case device::Dimension::power:
      return {"W", 1e-6};
    case device::Dimension::voltage:
      return {"V", 1e-3};
    case device::Dimension::share:
      return {"1", 1e-6};
  }
  return {"1"};
}

double number_of(const Amount& amount) {
  const double factor = amount.dimension ? file_unit(*amount.dimension).factor : 1;
  return static_cast<double>(amount.numerator) / static_cast<double>(amount.denominator) * factor;
}

bool is_integer(const Choice& choice) {
  return choice.value.kind == device::TomlNode::Kind::integer;
}

// What an axis means, for people.
std::string meaning_of(const Axis& axis) {
  if (axis.name == kTargetAxis && axis.key.empty()) return "what was run on";
  if (axis.name == kWorkAxis && axis.key.empty()) return "what was run";
  if (axis.name == kSeedAxis && axis.key.empty()) return "seed of the work";
  return axis.key.empty() ? "swept number" : axis.key;
}

// The values of an axis along its dimension: integers as such, everything else as it was written.
StoredVariable values_of(const Axis& axis, const std::string& name) {
  StoredVariable variable{{name, "1", meaning_of(axis)}, {axis.dimension}, {}, {}};
  variable.shape = {axis.choices.size()};
  if (is_integer(axis.choices.front())) {
    std::vector<std::int64_t> numbers;
    for (const Choice& choice : axis.choices) numbers.push_back(choice.value.integer);
    variable.values = std::move(numbers);
  } else {
    std::vector<std::string> texts;
    for (const Choice& choice : axis.choices) texts.push_back(choice.text);
    variable.values = std::move(texts);
  }
  return variable;
}

// Texts with a unit, all of one dimension, as numbers in that.
struct Numbers {
  std::vector<double> values;
  std::string units;
};
std::optional<Numbers> numbers_of(const std::vector<std::string>& texts) {
  Numbers numbers;
  std::optional<device::Dimension> dimension;
  for (const std::string& text : texts) {
    const std::optional<Amount> amount = amount_of(text);
    if (text.empty()) {
      numbers.values.push_back(std::numeric_limits<double>::quiet_NaN());
      continue;
    }
    if (!amount || !amount->dimension) return std::nullopt;
    if (dimension && amount->dimension != dimension) return std::nullopt;
    dimension = amount->dimension;
    numbers.values.push_back(number_of(*amount));
  }
  if (!dimension) return std::nullopt;
  numbers.units = file_unit(*dimension).name;
  return numbers;
}

// `texts` has its numbers beside it, by the name of `of` and _value.
void add_numbers(const StoredVariable& of, const std::vector<std::string>& texts,
                 std::vector<StoredVariable>& into) {
  std::optional<Numbers> numbers = numbers_of(texts);
  if (!numbers) return;
  into.push_back({{of.label.name + "_value", numbers->units, of.label.long_name},
                  of.dimensions,
                  of.shape,
                  std::move(numbers->values)});
}

}  // namespace

GridAxes::GridAxes(const SweepFile& sweep) : sweep_(&sweep) {
  for (std::size_t i = 0; i < sweep.axes.size(); ++i) {
    const Axis& axis = sweep.axes[i];
    if (axis.dimension.empty()) continue;
    auto dimension = std::ranges::find(dimensions_, axis.dimension, &Dimension::name);
    if (dimension == dimensions_.end()) {
      size_ *= axis.choices.size();
      if (size_ > kMostPlaces) throw UserError(axis.place, "more than a million runs");
      dimension = dimensions_.insert(dimension, {axis.dimension, axis.choices.size(), {}});
    }
    if (dimension->size != axis.choices.size()) {
      throw UserError(axis.place, "axis '" + axis.name + "' has " +
                                      std::to_string(axis.choices.size()) + " values, and '" +
                                      axis.dimension + "', which it goes along, has " +
                                      std::to_string(dimension->size));
    }
    dimension->axes.push_back(i);
  }
  for (const Dimension& dimension : dimensions_) {
    std::vector<std::string> places = joined_values(dimension);
    std::ranges::sort(places);
    const auto twice = std::ranges::adjacent_find(places);
    if (twice == places.end()) continue;
    throw UserError(sweep.axes[dimension.axes.back()].place,
                    "'" + *twice + "' is there twice along '" + dimension.name + "'");
  }
  // A sweep of one run still needs something to lie along.
  if (dimensions_.empty()) dimensions_.push_back({kWorkAxis, 1, {1}});
}

Positions GridAxes::positions(std::size_t place) const {
  Positions positions(sweep_->axes.size(), 0);
  for (std::size_t i = dimensions_.size(); i-- > 0;) {
    for (const std::size_t axis : dimensions_[i].axes)
      positions[axis] = place % dimensions_[i].size;
    place /= dimensions_[i].size;
  }
  return positions;
}

std::vector<Named> GridAxes::names(const Positions& positions) const {
  std::vector<Named> names;
  for (std::size_t i = 0; i < positions.size(); ++i) {
    const Axis& axis = sweep_->axes[i];
    const std::string& text = axis.choices[positions[i]].text;
    const std::optional<Amount> amount = amount_of(text);
    names.push_back({axis.name, amount ? Value(*amount) : Value(text)});
  }
  return names;
}

std::string GridAxes::label(const Positions& positions) const {
  std::string label;
  for (const Dimension& dimension : dimensions_) {
    for (const std::size_t i : dimension.axes) {
      const Axis& axis = sweep_->axes[i];
      label += (label.empty() ? "" : " ") + axis.name + "=" + axis.choices[positions[i]].text;
    }
  }
  return label;
}

// The axis whose values name the places of a dimension: the only one, or the one that the others go
// along. Null where axes meet under a name of their own.
const Axis* GridAxes::owner_of(const Dimension& dimension) const {
  if (dimension.axes.size() == 1) return &sweep_->axes[dimension.axes.front()];
  for (const std::size_t i : dimension.axes) {
    if (sweep_->axes[i].name == dimension.name) return &sweep_->axes[i];
  }
  return nullptr;
}

std::vector<std::string> GridAxes::joined_values(const Dimension& dimension) const {
  std::vector<std::string> texts(dimension.size);
  for (std::size_t i = 0; i < dimension.size; ++i) {
    for (const std::size_t axis : dimension.axes) {
      texts[i] += (texts[i].empty() ? "" : ", ") + sweep_->axes[axis].choices[i].text;
    }
  }
  return texts;
}

std::vector<StoredVariable> GridAxes::dimensions() const {
  std::vector<StoredVariable> variables;
  for (const Dimension& dimension : dimensions_) {
    if (const Axis* owner = owner_of(dimension)) {
      variables.push_back(values_of(*owner, dimension.name));
      variables.back().dimensions = {dimension.name};
      continue;
    }
    const Label label{dimension.name, "1", "values of the axes that vary together"};
    variables.push_back({label, {dimension.name}, {dimension.size}, joined_values(dimension)});
  }
  return variables;
}

void GridAxes::add_axis_coordinates(const Dimension& dimension,
                                    std::vector<StoredVariable>& into) const {
  for (const std::size_t i : dimension.axes) {
    const Axis& axis = sweep_->axes[i];
    StoredVariable values = values_of(axis, axis.name);
    values.dimensions = {dimension.name};
    std::vector<std::string> texts;
    for (const Choice& choice : axis.choices) texts.push_back(choice.text);
    if (axis.name != dimension.name) into.push_back(values);
    add_numbers(values, texts, into);
  }
}

// Along the dimensions of the axes that its expression mentions.
void GridAxes::add_derived(const Derived& derived, std::vector<StoredVariable>& into) const {
  const std::vector<std::string> mentioned = names_in(derived.expression);
  std::vector<const Dimension*> along;
  StoredVariable variable{
      {derived.key, "1", derived.key + ", " + derived.expression.text}, {}, {}, {}};
  std::ranges::replace(variable.label.name, '.', '_');
  std::size_t count = 1;
  for (const Dimension& dimension : dimensions_) {
    const bool is_used = std::ranges::any_of(dimension.axes, [&](std::size_t axis) {
      return std::ranges::find(mentioned, sweep_->axes[axis].name) != mentioned.end();
    });
    if (!is_used) continue;
    along.push_back(&dimension);
    variable.dimensions.push_back(dimension.name);
    variable.shape.push_back(dimension.size);
    count *= dimension.size;
  }
  if (along.empty()) return;

  std::vector<std::string> texts;
  for (std::size_t i = 0; i < count; ++i) {
    Positions positions(sweep_->axes.size(), 0);
    std::size_t rest = i;
    for (std::size_t d = along.size(); d-- > 0; rest /= along[d]->size) {
      for (const std::size_t axis : along[d]->axes) positions[axis] = rest % along[d]->size;
    }
    // Where it makes no sense, a filter has excluded all runs: the plan has looked.
    try {
      const Value value = evaluate(derived.expression, names(positions));
      const auto* amount = std::get_if<Amount>(&value);
      texts.push_back(amount != nullptr ? text_of(*amount, derived.expression)
                                        : std::get<std::string>(value));
    } catch (const UserError&) {
      texts.emplace_back();
    }
  }
  variable.values = texts;
  into.push_back(variable);
  add_numbers(variable, texts, into);
}

std::vector<StoredVariable> GridAxes::coordinates() const {
  std::vector<StoredVariable> variables;
  for (const Dimension& dimension : dimensions_) add_axis_coordinates(dimension, variables);
  for (const Derived& derived : sweep_->derived) add_derived(derived, variables);
  return variables;
}

}  // namespace strobe::sweep
