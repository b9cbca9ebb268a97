#include "sim/report/predictions.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "sim/report/columns.h"

namespace strobe::report {
namespace {

// More rows than this are not read line by line: the worst are listed, the file has them all.
constexpr std::size_t kListedAll = 20, kListedWorst = 10;

using Key = std::pair<std::string, std::string>;

// Places of the measured rows, by GPU and family.
std::vector<std::pair<Key, std::vector<std::size_t>>> groups_of(
    std::span<const Prediction> predictions) {
  std::vector<std::pair<Key, std::vector<std::size_t>>> groups;
  std::map<Key, std::size_t> place;
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    if (!predictions[i].measured) continue;
    const Key key{predictions[i].gpu, predictions[i].family};
    const auto [found, is_new] = place.try_emplace(key, groups.size());
    if (is_new) groups.push_back({key, {}});
    groups[found->second].second.push_back(i);
  }
  return groups;
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
  rows.add({"family", "1", "operators that share an overhead"},
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
  constexpr std::size_t kLeastRows = 5, kShare = 10;
  constexpr double kShort = 200e-6;
  for (auto& [key, places] : groups_of(predictions)) {
    std::ranges::sort(places, [&](std::size_t a, std::size_t b) {
      return predictions[a].simulated < predictions[b].simulated;
    });
    const auto is_short = [&](std::size_t i) { return predictions[i].simulated < kShort; };
    const auto some = static_cast<std::size_t>(std::ranges::count_if(places, is_short));
    if (some < kLeastRows) continue;
    const std::size_t shortest = std::min(some, std::max(kLeastRows, places.size() / kShare));
    std::vector<double> excess;
    for (std::size_t i = 0; i < shortest; ++i) {
      const Prediction& row = predictions[places[i]];
      excess.push_back(*row.measured - row.simulated);
    }
    std::ranges::sort(excess);
    const double median = (excess[(shortest - 1) / 2] + excess[shortest / 2]) / 2;
    for (const std::size_t i : places) predictions[i].overhead = std::max(median, 0.0);
  }
}

std::vector<ErrorFigures> error_figures(std::span<const Prediction> predictions) {
  std::vector<ErrorFigures> all;
  for (const auto& [key, places] : groups_of(predictions)) {
    std::vector<double> errors;
    ErrorFigures figures{key.first, key.second, places.size(), {}};
    figures.overhead = predictions[places[0]].overhead;
    const auto count = static_cast<double>(places.size());
    for (const std::size_t i : places) {
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

std::string predictions_summary(std::span<const Prediction> predictions, const TextStyle& style) {
  std::string text = rows_text(predictions, style);
  const std::vector<ErrorFigures> errors = error_figures(predictions);
  if (errors.empty()) return text;
  Table table({{"", "", "over-", "mean", "", "", "", ""},
               {"gpu, family", "rows", "head", "absolute", "median", "90 %", "worst", "bias"}});
  for (const ErrorFigures& row : errors) {
    table.add({row.gpu + " " + row.family, std::to_string(row.rows),
               row.overhead ? time_text(*row.overhead) : "unknown", percent_text(row.mean_absolute),
               percent_text(row.median), percent_text(row.percentile_90), percent_text(row.worst),
               signed_percent(row.bias)});
  }
  text += "\n" + heading("How far off", style) + table.text(style);
  return text + "  overhead: what the measurement adds to every row, from those under 200 us\n";
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
