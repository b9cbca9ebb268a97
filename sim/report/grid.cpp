#include "sim/report/grid.h"

#include <algorithm>
#include <limits>

#include "sim/base/check.h"
#include "sim/base/error.h"
#include "sim/report/columns.h"

namespace strobe::report {
namespace {

constexpr const char* kSchema = "strobe-sweep";
constexpr const char* kSchemaVersion = "1.0";

// Written by the file itself and not a part of a Grid: what each file has, and what follows from
// the rest of it.
constexpr std::array<std::string_view, 5> kOwnAttributes{"schema", "schema_version", "grid",
                                                         "coordinates", "inner_dimensions"};

std::vector<std::string> names_of(const std::vector<StoredVariable>& variables) {
  std::vector<std::string> names;
  for (const StoredVariable& variable : variables) names.push_back(variable.label.name);
  return names;
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : " ") + name;
  return text;
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    words.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

std::vector<std::string> statuses_of(const Grid& grid) {
  std::vector<std::string> texts;
  for (const GridRow& row : grid.rows) {
    texts.emplace_back(kRunStatusNames[static_cast<std::size_t>(row.status)]);
  }
  return texts;
}

std::vector<std::string> errors_of(const Grid& grid) {
  std::vector<std::string> texts;
  for (const GridRow& row : grid.rows) texts.push_back(row.error);
  return texts;
}

// A column of all rows; what was not run is not a number.
std::vector<double> values_of(const Grid& grid, std::size_t first, std::size_t size) {
  std::vector<double> values;
  values.reserve(grid.rows.size() * size);
  for (const GridRow& row : grid.rows) {
    for (std::size_t i = 0; i < size; ++i) {
      values.push_back(row.values.empty() ? std::numeric_limits<double>::quiet_NaN()
                                          : row.values[first + i]);
    }
  }
  return values;
}

Values view(const StoredValues& values) {
  return std::visit([](const auto& stored) -> Values { return std::span(stored); }, values);
}

void write_attributes(Hdf5File& file, const Grid& grid) {
  file.attribute("schema", kSchema);
  file.attribute("schema_version", kSchemaVersion);
  for (const StoredAttribute& attribute : grid.attributes) {
    std::visit([&](const auto& value) { file.attribute(attribute.name, value); }, attribute.value);
  }
  file.attribute("grid", joined(names_of(grid.dimensions)));
  // By this name xarray knows which variables are coordinates.
  file.attribute("coordinates", joined(names_of(grid.coordinates)));
  file.attribute("inner_dimensions", joined(names_of(grid.inner)));
}

void write_root(Hdf5File& file, const Grid& grid) {
  Hdf5Group root = file.root();
  std::vector<std::string_view> dimensions;
  for (const StoredVariable& dimension : grid.dimensions) {
    root.coordinate(dimension.label, view(dimension.values));
    dimensions.push_back(dimension.label.name);
  }
  for (const StoredVariable& coordinate : grid.coordinates) {
    const std::vector<std::string_view> along(coordinate.dimensions.begin(),
                                              coordinate.dimensions.end());
    root.variable(coordinate.label, along, view(coordinate.values));
  }
  const std::vector<std::string> statuses = statuses_of(grid), errors = errors_of(grid);
  root.variable({"status", "1",
                 "done, failed (error says why), excluded by the sweep's filters, "
                 "or missing"},
                dimensions, std::span<const std::string>(statuses));
  root.variable({"error", "1", "why the run failed"}, dimensions,
                std::span<const std::string>(errors));
  for (const StoredVariable& inner : grid.inner) root.coordinate(inner.label, view(inner.values));
  std::size_t first = 0;
  for (const GridColumn& column : grid.columns) {
    std::vector<std::string_view> along = dimensions;
    if (!column.along.empty()) along.push_back(column.along);
    const std::vector<double> values = values_of(grid, first, column.size);
    root.variable(column.label, along, std::span<const double>(values));
    first += column.size;
  }
}

// Puts the variables of a file where they belong.
class GridReader {
 public:
  explicit GridReader(const std::filesystem::path& path) : path_(path.string()), file_(path) {}

  Grid read() {
    read_attributes();
    for (StoredVariable& variable : file_.variables("/")) place(variable);
    finish_rows();
    read_inputs();
    return std::move(grid_);
  }

 private:
  std::string own(const std::vector<StoredAttribute>& all, std::string_view name) const {
    for (const StoredAttribute& attribute : all) {
      const auto* text = std::get_if<std::string>(&attribute.value);
      if (attribute.name == name && text != nullptr) return *text;
    }
    return {};
  }

  void read_attributes() {
    std::vector<StoredAttribute> all = file_.attributes();
    if (own(all, "schema") != kSchema) throw UserError({path_}, "is no file of a sweep");
    if (own(all, "schema_version") != kSchemaVersion) {
      throw UserError({path_}, "is of another version of strobe");
    }
    swept_ = split(own(all, "grid"));
    coordinates_ = split(own(all, "coordinates"));
    inner_ = split(own(all, "inner_dimensions"));
    for (StoredAttribute& attribute : all) {
      if (std::ranges::find(kOwnAttributes, attribute.name) == kOwnAttributes.end()) {
        grid_.attributes.push_back(std::move(attribute));
      }
    }
  }

  void place(StoredVariable& variable) {
    const std::string& name = variable.label.name;
    if (contains(swept_, name)) return grid_.dimensions.push_back(std::move(variable));
    if (contains(coordinates_, name)) return grid_.coordinates.push_back(std::move(variable));
    if (contains(inner_, name)) return grid_.inner.push_back(std::move(variable));
    if (name == "status") return take(variable, statuses_);
    if (name == "error") return take(variable, errors_);
    GridColumn column{variable.label};
    if (variable.dimensions.size() > swept_.size()) {
      column.along = variable.dimensions.back();
      column.size = variable.shape.back();
    }
    grid_.columns.push_back(std::move(column));
    columns_.emplace_back();
    take(variable, columns_.back());
  }

  template <class Stored>
  void take(StoredVariable& variable, Stored& into) const {
    auto* values = std::get_if<Stored>(&variable.values);
    if (values == nullptr) throw UserError({path_}, "is damaged: " + variable.label.name);
    into = std::move(*values);
  }

  void finish_rows() {
    const std::size_t count = statuses_.size();
    bool whole = errors_.size() == count && swept_.size() == grid_.dimensions.size();
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      whole = whole && columns_[i].size() == count * grid_.columns[i].size;
    }
    if (!whole) throw UserError({path_}, "is damaged: variables of unequal length");
    for (std::size_t i = 0; i < count; ++i) {
      GridRow row;
      const auto status = std::ranges::find(kRunStatusNames, statuses_[i]);
      if (status == kRunStatusNames.end()) throw UserError({path_}, "is damaged: a status");
      row.status = static_cast<RunStatus>(status - kRunStatusNames.begin());
      row.error = errors_[i];
      if (row.status == RunStatus::done) row.values = values_of_row(i);
      grid_.rows.push_back(std::move(row));
    }
  }

  std::vector<double> values_of_row(std::size_t i) const {
    std::vector<double> values;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      const std::size_t size = grid_.columns[c].size;
      const auto first = columns_[c].begin() + static_cast<std::ptrdiff_t>(i * size);
      values.insert(values.end(), first, first + static_cast<std::ptrdiff_t>(size));
    }
    return values;
  }

  void read_inputs() {
    std::vector<std::string> paths, hashes;
    std::vector<std::int64_t> sizes;
    for (StoredVariable& variable : file_.variables("/inputs")) {
      if (variable.label.name == "path") take(variable, paths);
      if (variable.label.name == "bytes") take(variable, sizes);
      if (variable.label.name == "sha256") take(variable, hashes);
    }
    if (paths.size() != hashes.size() || paths.size() != sizes.size()) {
      throw UserError({path_}, "is damaged: /inputs");
    }
    for (std::size_t i = 0; i < paths.size(); ++i) {
      grid_.inputs.push_back({paths[i], static_cast<std::uint64_t>(sizes[i]), hashes[i]});
    }
  }

  std::string path_;
  Hdf5Input file_;
  Grid grid_;
  std::vector<std::string> swept_, coordinates_, inner_, statuses_, errors_;
  std::vector<std::vector<double>> columns_;
};

}  // namespace

bool GridColumn::operator==(const GridColumn& other) const {
  return label.name == other.label.name && label.units == other.label.units &&
         along == other.along && size == other.size;
}

std::string Grid::text(std::string_view attribute) const {
  for (const StoredAttribute& each : attributes) {
    const auto* text = std::get_if<std::string>(&each.value);
    if (each.name == attribute && text != nullptr) return *text;
  }
  return {};
}

void write_grid(const std::filesystem::path& path, const Grid& grid) {
  Hdf5File file;
  write_attributes(file, grid);
  write_root(file, grid);
  write_inputs(file, grid.inputs);
  file.commit(path);
}

Grid read_grid(const std::filesystem::path& path) {
  return GridReader(path).read();
}

}  // namespace strobe::report
