#include "sim/report/predictions.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <tuple>
#include <utility>

#include "sim/report/columns.h"

namespace strobe::report {
namespace {

// More rows than this are not read line by line: the worst are listed, the file has them all.
constexpr std::size_t kListedAll = 20, kListedWorst = 10;

using Places = std::vector<std::size_t>;

// Places of the measured rows that have the same key, by the first of each.
template <typename KeyOf>
std::vector<Places> groups_of(std::span<const Prediction> predictions, KeyOf key_of) {
  std::vector<Places> groups;
  std::map<decltype(key_of(predictions.front())), std::size_t> numbers;
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    if (!predictions[i].measured) continue;
    const auto [found, is_new] = numbers.try_emplace(key_of(predictions[i]), groups.size());
    if (is_new) groups.emplace_back();
    groups[found->second].push_back(i);
  }
  return groups;
}

struct Excess {
  double time = 0, weight = 0;  // s; 1/s
};

// Half of all weight is of the same or less.
double median_of(std::vector<Excess> excess) {
  std::ranges::sort(excess, {}, &Excess::time);
  double all = 0;
  for (const Excess& one : excess) all += one.weight;
  double passed = 0;
  for (const Excess& one : excess) {
    passed += one.weight;
    if (passed >= all / 2) return one.time;
  }
  return excess.back().time;
}

std::string signed_percent(double share) {
  return fmt::format("{:+.1f} %", share * 100);
}

Table::Row row_of(const Prediction& row) {
  return {row.layer,
          row.gpu,
          time_text(row.simulated),
          row.measured ? time_text(row.predicted()) : "",
          row.measured ? time_text(*row.measured) : "",
          row.measured ? signed_percent(row.error()) : "",
          std::string(text_of(row.bound).by)};
}

std::string rows_text(std::span<const Prediction> predictions, const TextStyle& style) {
  std::vector<Prediction> shown(predictions.begin(), predictions.end());
  std::string title = "Layers\n";
  if (shown.size() > kListedAll) {
    const auto is_worse = [](const Prediction& a, const Prediction& b) {
      return std::abs(a.measured ? a.error() : 0) > std::abs(b.measured ? b.error() : 0);
    };
    std::ranges::stable_sort(shown, is_worse);
    shown.resize(kListedWorst);
    title = fmt::format("The {} farthest off of {} layers\n", kListedWorst, predictions.size());
  }
  Table table({{"", "", "", "with", "", "", "bound"},
               {"layer", "gpu", "simulated", "overhead", "measured", "error", "by"}});
  for (const Prediction& row : shown) table.add(row_of(row));
  return heading(title.substr(0, title.size() - 1), style) + table.text(style);
}

void write_rows(Hdf5File& file, std::span<const Prediction> predictions) {
  Hdf5Group group = file.group("layers");
  number_dimension(group, {"layer", "1", "row of the table that could be used"},
                   predictions.size());
  Columns<Prediction> rows(group, "layer", predictions);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  rows.add({"line", "1", "line of the table"}, [](const Prediction& p) { return p.line; });
  rows.add({"gpu", "1", "what it ran on"}, [](const Prediction& p) { return p.gpu; });
  rows.add({"family", "1", "kind of operator and its type"},
           [](const Prediction& p) { return p.family; });
  rows.add({"text", "1", "the layer, as strobe run --layer takes it"},
           [](const Prediction& p) { return p.layer; });
  rows.add({"kernel", "1", "name of the longest kernel"},
           [](const Prediction& p) { return p.kernel; });
  rows.add({"simulated_time", "s", "all kernels of the layer, launches not included"},
           [](const Prediction& p) { return p.simulated; });
  rows.add({"spread", "1", "how much the waves differ whose time was taken for those left out"},
           [](const Prediction& p) { return p.spread; });
  rows.add({"bound", "1", "what decides the time of the longest kernel"},
           [](const Prediction& p) { return std::string(text_of(p.bound).by); });
  rows.add({"sm_clock", "Hz", "of the SMs; below the GPU's own where its power limit holds it"},
           [](const Prediction& p) { return static_cast<double>(p.clock.count()) * 1e3; });
  rows.add({"board_energy", "J", "of the board, launches included; 0 where it is not known"},
           [](const Prediction& p) { return p.energy.total(); });
  rows.add({"measured_time", "s", "as the table has it; not a number where it has none"},
           [nan](const Prediction& p) { return p.measured.value_or(nan); });
  rows.add({"overhead", "s",
            "what the measurement adds to the simulated time; not a number where "
            "too few rows are short enough to tell"},
           [nan](const Prediction& p) { return p.overhead.value_or(nan); });
  rows.add({"error", "1",
            "(simulated_time + overhead) / measured_time - 1, without one if there is "
            "none"},
           [nan](const Prediction& p) { return p.measured ? p.error() : nan; });
}

}  // namespace

void estimate_overheads(std::span<Prediction> predictions) {
  constexpr std::size_t kLeastRows = 3, kRows = 5, kShare = 10;
  constexpr double kShort = 200e-6;
  const auto measured_alike = [](const Prediction& row) {
    return std::tuple(row.gpu, row.family, row.source);
  };
  for (Places& places : groups_of(predictions, measured_alike)) {
    std::ranges::sort(places, [&](std::size_t a, std::size_t b) {
      return predictions[a].simulated < predictions[b].simulated;
    });
    const auto is_short = [&](std::size_t i) { return predictions[i].simulated < kShort; };
    const auto some = static_cast<std::size_t>(std::ranges::count_if(places, is_short));
    if (some < kLeastRows) continue;
    const std::size_t shortest = std::min(some, std::max(kRows, places.size() / kShare));
    std::vector<Excess> excess;
    for (std::size_t i = 0; i < shortest; ++i) {
      const Prediction& row = predictions[places[i]];
      excess.push_back({*row.measured - row.simulated, 1 / *row.measured});
    }
    const double overhead = std::max(median_of(std::move(excess)), 0.0);
    for (const std::size_t i : places) predictions[i].overhead = overhead;
  }
}

std::vector<ErrorFigures> error_figures(std::span<const Prediction> predictions) {
  std::vector<ErrorFigures> all;
  const auto together = [](const Prediction& row) { return std::tuple(row.gpu, row.family); };
  for (const Places& places : groups_of(predictions, together)) {
    std::vector<double> errors;
    ErrorFigures figures{
        predictions[places[0]].gpu, predictions[places[0]].family, places.size(), {}, {}};
    const auto count = static_cast<double>(places.size());
    for (const std::size_t i : places) {
      if (const std::optional<double>& overhead = predictions[i].overhead) {
        figures.least_overhead = std::min(*overhead, figures.least_overhead.value_or(*overhead));
        figures.most_overhead = std::max(*overhead, figures.most_overhead.value_or(*overhead));
      }
      const double error = predictions[i].error();
      figures.bias += error / count;
      figures.mean_absolute += std::abs(error) / count;
      errors.push_back(std::abs(error));
    }
    std::ranges::sort(errors);
    figures.median = errors[errors.size() / 2];
    figures.percentile_90 = errors[std::min(errors.size() - 1, errors.size() * 9 / 10)];
    figures.worst = errors.back();
    all.push_back(figures);
  }
  return all;
}

std::string overhead_text(const ErrorFigures& errors) {
  if (!errors.least_overhead) return "unknown";
  const std::string least = time_text(*errors.least_overhead);
  if (*errors.least_overhead == *errors.most_overhead) return least;
  return least + " to " + time_text(*errors.most_overhead);
}

std::string predictions_summary(std::span<const Prediction> predictions, const TextStyle& style) {
  std::string text = rows_text(predictions, style);
  const std::vector<ErrorFigures> errors = error_figures(predictions);
  if (errors.empty()) return text;
  Table table({{"", "", "over-", "mean", "", "", "", ""},
               {"gpu, family", "rows", "head", "absolute", "median", "90 %", "worst", "bias"}});
  for (const ErrorFigures& row : errors) {
    table.add({row.gpu + " " + row.family, std::to_string(row.rows), overhead_text(row),
               percent_text(row.mean_absolute), percent_text(row.median),
               percent_text(row.percentile_90), percent_text(row.worst), signed_percent(row.bias)});
  }
  text += "\n" + heading("How far off", style) + table.text(style);
  return text +
         "  overhead: what a source's measurement adds to every row, from its shortest under 200 "
         "us\n";
}

void write_predictions_file(const std::filesystem::path& path,
                            std::span<const Prediction> predictions, const Provenance& provenance) {
  Hdf5File file;
  file.attribute("title", "Times of layers");
  file.attribute("schema", "strobe-predictions");
  file.attribute("schema_version", "1.0");
  write_provenance(file, provenance);
  write_rows(file, predictions);
  file.commit(path);
}

}  // namespace strobe::report
