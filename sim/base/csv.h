#pragma once

// Tables in CSV files: fields are separated by commas, those with a comma in quotes, a quote in
// those doubled.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "sim/base/error.h"

namespace strobe {

// Throws UserError, without a place, when a quote is not closed.
inline std::vector<std::string> csv_fields(const std::string& line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') {
      fields.back() += line[++i];
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      fields.emplace_back();
    } else if (c != '\r') {
      fields.back() += c;
    }
  }
  if (quoted) throw UserError("a quote is not closed");
  return fields;
}

// Where the titles of the first line say which field is what.
class CsvColumns {
 public:
  explicit CsvColumns(std::vector<std::string> titles) : titles_(std::move(titles)) {}
  bool has(const std::string& title) const { return place_of(title) < titles_.size(); }
  // Empty when there is no such column.
  std::string of(const std::vector<std::string>& fields, const std::string& title) const {
    const std::size_t place = place_of(title);
    return place == titles_.size() ? "" : fields[place];
  }
  // Throws UserError, without a place, when a line has not as many fields as there are titles.
  void require_all(const std::vector<std::string>& fields) const {
    if (fields.size() == titles_.size()) return;
    throw UserError("has " + std::to_string(fields.size()) + " fields, the first line " +
                    std::to_string(titles_.size()));
  }

 private:
  std::size_t place_of(const std::string& title) const {
    const auto found = std::find(titles_.begin(), titles_.end(), title);
    return static_cast<std::size_t>(found - titles_.begin());
  }

  std::vector<std::string> titles_;
};

}  // namespace strobe
