#include "sim/report/what_if.h"

#include "sim/report/json.h"

namespace strobe::report {

namespace {

double seconds(Picoseconds time) {
  return static_cast<double>(time.count()) * 1e-12;
}

constexpr std::string_view kWhyLoss =
    "A minus: the run takes longer without it. Requests then come in another order or closer "
    "together, and what they lose by that (rows closed under others, turns of the DRAM's pins, "
    "fuller queues) is more than the cause had cost.";

}  // namespace

std::string what_if_text(std::span<const WithoutCause> rows, Picoseconds time,
                         const TextStyle& style) {
  Table table({{"without", "run", "saves", "of it"}});
  bool any_loses = false;
  for (const WithoutCause& row : rows) {
    const double saved = seconds(time) - seconds(row.time);
    table.add({row.cause + ": " + row.without, time_text(seconds(row.time)), time_text(saved),
               percent_text(saved / seconds(time))});
    any_loses |= saved < 0;
  }
  std::string text = "\n" + heading("What if", style) + table.text(style);
  if (!any_loses) return text;
  for (const std::string& line : wrapped(kWhyLoss, style.width)) text += line + '\n';
  return text;
}

std::string what_if_json(std::span<const WithoutCause> rows, Picoseconds time) {
  std::vector<std::string> list;
  for (const WithoutCause& row : rows) {
    JsonObject one;
    one.add("without", row.cause).add("time", seconds(row.time));
    one.add("saves", seconds(time) - seconds(row.time));
    list.push_back(one.text());
  }
  return json_list(list);
}

}  // namespace strobe::report
