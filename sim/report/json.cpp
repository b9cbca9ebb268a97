#include "sim/report/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/base/check.h"
#include "sim/report/hdf5_file.h"

namespace strobe::report {

std::string json_text(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : valid_utf8(text)) {
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      quoted += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

std::string json_number(double number) {
  return std::isfinite(number) ? fmt::format("{}", number) : "null";
}

JsonObject& JsonObject::add_json(std::string_view name, std::string_view value) {
  members_ += (members_.empty() ? "" : ",") + json_text(name) + ":" + std::string(value);
  return *this;
}

JsonObject& JsonObject::add(const RunFields& fields) {
  std::size_t first = 0;
  for (const GridColumn& column : fields.columns) {
    if (column.along.empty()) {
      add(column.label.name, fields.values[first]);
    } else {
      const auto inner = std::ranges::find(fields.inner, column.along,
                                           [](const auto& each) { return each.label.name; });
      STROBE_CHECK(inner != fields.inner.end());
      const auto& names = std::get<std::vector<std::string>>(inner->values);
      JsonObject by_name;
      for (std::size_t i = 0; i < column.size; ++i) {
        by_name.add(names[i], fields.values[first + i]);
      }
      add_json(column.label.name, by_name.text());
    }
    first += column.size;
  }
  return *this;
}

std::string json_list(std::span<const std::string> values) {
  std::string list;
  for (const std::string& value : values) list += (list.empty() ? "" : ",") + value;
  return "[" + list + "]";
}

}  // namespace strobe::report
