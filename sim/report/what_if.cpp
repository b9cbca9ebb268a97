#include "sim/report/what_if.h"

#include "sim/report/json.h"

namespace strobe::report {

namespace {

double seconds(Picoseconds time) {
  return static_cast<double>(time.count()) * 1e-12;
}

}  // namespace

std::string what_if_text(std::span<const WithoutCause> rows, Picoseconds time,
                         const TextStyle& style) {
  Table table({{"without", "run", "saves", "of it"}});
  for (const WithoutCause& row : rows) {
    const double saved = seconds(time) - seconds(row.time);
    table.add({row.cause + ": " + row.without, time_text(seconds(row.time)), time_text(saved),
               percent_text(saved / seconds(time))});
  }
  return "\n" + heading("What if", style) + table.text(style);
}

std::string what_if_json(std::span<const WithoutCause> rows) {
  std::vector<std::string> list;
  for (const WithoutCause& row : rows) {
    JsonObject one;
    one.add("without", row.cause).add("time", seconds(row.time));
    list.push_back(one.text());
  }
  return json_list(list);
}

}  // namespace strobe::report
