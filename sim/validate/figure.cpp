#include "sim/validate/figure.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <fstream>

#include "sim/base/csv.h"

namespace strobe::validate {

namespace {

// A whole number with an optional K, M or G (powers of 1024).
std::optional<std::uint64_t> whole_number(std::string_view text) {
  constexpr std::string_view kUnits = "KMG";
  std::uint64_t unit = 1, value = 0;
  if (!text.empty() && kUnits.find(text.back()) != std::string_view::npos) {
    unit = std::uint64_t{1} << (10 * (kUnits.find(text.back()) + 1));
    text.remove_suffix(1);
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_good = error == std::errc{} && end == text.data() + text.size();
  if (!is_good || value > std::uint64_t{1} << 33) return std::nullopt;
  return value * unit;
}

std::vector<Parameter> parameters_of(std::string_view text, const Place& place) {
  std::vector<Parameter> parameters;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    if (word.empty()) continue;
    const std::size_t equals = word.find('=');
    const auto value =
        equals == std::string_view::npos ? std::nullopt : whole_number(word.substr(equals + 1));
    if (!value) {
      throw UserError(place, "a parameter is name=number, such as footprint=2M, not '" +
                                 std::string(word) + "'");
    }
    parameters.push_back({std::string(word.substr(0, equals)), *value});
  }
  return parameters;
}

double value_of(const std::string& text, const Place& place) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !(value > 0)) {
    throw UserError(place, "a measured value is a number above 0, not '" + text + "'");
  }
  return value;
}

Figure figure_of(const std::vector<std::string>& cells, const Place& place) {
  const auto columns = static_cast<std::size_t>(std::ranges::count(kColumns, ',')) + 1;
  if (cells.size() != columns) {
    throw UserError(place, "has " + std::to_string(cells.size()) + " cells, not the " +
                               std::to_string(columns) + " of " + std::string(kColumns));
  }
  Figure figure;
  figure.gpu = cells[0];
  figure.suite = cells[1];
  figure.benchmark = cells[2];
  figure.parameters_text = cells[3];
  figure.parameters = parameters_of(cells[3], place);
  figure.value = value_of(cells[4], place);
  figure.unit = cells[5];
  if (!cells[6].empty()) {
    figure.clock = Kilohertz(std::llround(1000 * value_of(cells[6], place)));
  }
  if (cells[7] != "yes" && cells[7] != "no") {
    throw UserError(place, "deviates is yes or no, not '" + cells[7] + "'");
  }
  figure.deviates = cells[7] == "yes";
  figure.source = cells[8];
  figure.method = cells[9];
  figure.file = place.file;
  figure.line = place.line;
  return figure;
}

}  // namespace

std::optional<std::uint64_t> Figure::parameter(std::string_view name) const {
  for (const Parameter& given : parameters) {
    if (given.name == name) return given.value;
  }
  return std::nullopt;
}

std::uint64_t Figure::parameter(std::string_view name, std::uint64_t otherwise) const {
  return parameter(name).value_or(otherwise);
}

std::vector<Figure> read_figures(const std::filesystem::path& path) {
  std::ifstream file(path);
  if (!file) throw UserError({path.string()}, "cannot be read");
  std::vector<Figure> figures;
  std::int64_t number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    const Place place{path.string(), number};
    if (number == 1) {
      if (line != kColumns) {
        throw UserError(place, "the first line names the columns: " + std::string(kColumns));
      }
    } else if (!line.empty()) {
      figures.push_back(figure_of(csv_fields(line), place));
    }
  }
  return figures;
}

std::filesystem::path measured_folder() {
  const char* const named = std::getenv("STROBE_MEASURED");
  if (named != nullptr) return named;
  for (const char* folder : {STROBE_SOURCE_MEASURED, STROBE_INSTALLED_MEASURED}) {
    if (std::filesystem::is_directory(folder)) return folder;
  }
  throw UserError("the measured figures are not found; STROBE_MEASURED names their folder");
}

}  // namespace strobe::validate
