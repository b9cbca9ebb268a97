#include "sim/report/page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/base/check.h"
#include "sim/report/json.h"
#include "sim/report/page_template.h"
#include "sim/stats/stalls.h"

namespace strobe::report {
namespace {

// Tables over time have a value for each channel in each of up to 1,024 intervals: more than a
// screen has points. Neighbours are averaged until there are no more than this.
constexpr std::size_t kMostTimes = 512;

// Six digits draw anything, and the page stays small.
std::string short_number(double number) {
  return std::isfinite(number) ? fmt::format("{:.6g}", number) : "null";
}

std::string json_of(const StoredValues& values) {
  std::string list = "[";
  const auto add = [&](const std::string& value) {
    if (list.size() > 1) list += ',';
    list += value;
  };
  if (const auto* numbers = std::get_if<std::vector<std::int64_t>>(&values)) {
    for (const std::int64_t number : *numbers) add(fmt::format_int(number).str());
  } else if (const auto* rates = std::get_if<std::vector<double>>(&values)) {
    for (const double rate : *rates) add(short_number(rate));
  } else {
    for (const std::string& text : std::get<std::vector<std::string>>(values)) add(json_text(text));
  }
  return list + ']';
}

// Means of `every` neighbouring rows; the last row may be of fewer.
template <class Number>
std::vector<double> averaged(const std::vector<Number>& values, std::size_t columns,
                             std::size_t every) {
  const std::size_t rows = values.size() / columns;
  std::vector<double> means;
  for (std::size_t first = 0; first < rows; first += every) {
    const std::size_t count = std::min(every, rows - first);
    for (std::size_t column = 0; column < columns; ++column) {
      double sum = 0;
      for (std::size_t row = first; row < first + count; ++row) {
        sum += static_cast<double>(values[row * columns + column]);
      }
      means.push_back(sum / static_cast<double>(count));
    }
  }
  return means;
}

// Thins a table of numbers over time; `every` says how many of its rows became one.
std::size_t thin(StoredVariable& variable) {
  if (variable.dimensions.size() != 2 || variable.dimensions[0] != "time" ||
      variable.shape[0] <= kMostTimes || variable.shape[1] == 0) {
    return 1;
  }
  const std::size_t every = (variable.shape[0] + kMostTimes - 1) / kMostTimes;
  const std::size_t columns = variable.shape[1];
  if (const auto* rates = std::get_if<std::vector<double>>(&variable.values)) {
    variable.values = averaged(*rates, columns, every);
  } else if (const auto* counts = std::get_if<std::vector<std::int64_t>>(&variable.values)) {
    variable.values = averaged(*counts, columns, every);
  } else {
    return 1;
  }
  variable.shape[0] = (variable.shape[0] + every - 1) / every;
  return every;
}

template <class Value, class Json>
std::string json_of_each(const std::vector<Value>& values, const Json& json) {
  std::vector<std::string> texts;
  for (const Value& value : values) texts.push_back(json(value));
  return json_list(texts);
}

std::string json_of(StoredVariable variable) {
  JsonObject object;
  object.add("units", variable.label.units).add("long_name", variable.label.long_name);
  const std::size_t every = thin(variable);
  object.add_json("dimensions", json_of_each(variable.dimensions, json_text))
      .add_json("shape", json_of_each(variable.shape,
                                      [](std::uint64_t size) { return std::to_string(size); }));
  if (every > 1) object.add("every", every);
  return object.add_json("values", json_of(variable.values)).text();
}

std::string json_of(const std::vector<StoredAttribute>& attributes) {
  JsonObject object;
  for (const StoredAttribute& attribute : attributes) {
    std::visit([&](const auto& value) { object.add(attribute.name, value); }, attribute.value);
  }
  return object.text();
}

// What the names of warp states and stall causes mean.
std::string meanings_json() {
  JsonObject object;
  for (const auto& state : stats::kWarpStates) object.add(state.name, state.meaning);
  for (const auto& cause : stats::kCauses) object.add(cause.name, cause.meaning);
  return object.text();
}

// A script element ends at the first "</", whatever it is part of.
std::string inside_script(const std::string& json) {
  std::string safe;
  for (const char c : json) {
    if (c == '<') {
      safe += "\\u003c";
    } else {
      safe += c;
    }
  }
  return safe;
}

}  // namespace

std::string report_page(const Hdf5Input& file, const std::string& name) {
  JsonObject groups;
  for (const std::string& group : file.groups()) {
    JsonObject variables;
    for (const StoredVariable& variable : file.variables(group)) {
      variables.add_json(variable.label.name, json_of(variable));
    }
    groups.add_json(group, variables.text());
  }
  JsonObject data;
  data.add("name", name)
      .add_json("attributes", json_of(file.attributes()))
      .add_json("meanings", meanings_json())
      .add_json("groups", groups.text());

  std::string page(kPageTemplate);
  const std::size_t mark = page.find(kPageDataMark);
  STROBE_CHECK(mark != std::string::npos);
  return page.replace(mark, kPageDataMark.size(), inside_script(data.text()));
}

}  // namespace strobe::report
