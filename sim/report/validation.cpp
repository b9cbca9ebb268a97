#include "sim/report/validation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "sim/report/columns.h"
#include "sim/report/hdf5_file.h"

namespace strobe::report {

namespace {

std::string error_text(const ValidationRow& row) {
  return fmt::format("{:+.1f} %", 100 * row.error());
}

std::string name_of(const ValidationRow& row) {
  return row.parameters.empty() ? row.benchmark : row.benchmark + " " + row.parameters;
}

// The rows of `rows` from `first` on that are of the same GPU and suite.
std::span<const ValidationRow> block_from(std::span<const ValidationRow> rows, std::size_t first) {
  std::size_t end = first;
  while (end < rows.size() && rows[end].gpu == rows[first].gpu &&
         rows[end].suite == rows[first].suite) {
    ++end;
  }
  return rows.subspan(first, end - first);
}

template <class Visit>
void for_each_block(std::span<const ValidationRow> rows, const Visit& visit) {
  for (std::size_t i = 0; i < rows.size();) {
    const std::span<const ValidationRow> block = block_from(rows, i);
    visit(block);
    i += block.size();
  }
}

struct BlockErrors {
  double mean = 0, worst = 0;  // without their signs
  std::size_t beyond = 0;      // their tolerance
};

BlockErrors errors_of(std::span<const ValidationRow> block) {
  BlockErrors errors;
  for (const ValidationRow& row : block) {
    const double error = std::abs(row.error());
    errors.mean += error / static_cast<double>(block.size());
    errors.worst = std::max(errors.worst, error);
    errors.beyond += error > row.tolerance ? 1 : 0;
  }
  return errors;
}

void write_rows(Hdf5File& file, std::span<const ValidationRow> rows) {
  std::vector<std::int64_t> numbers, marked;
  std::vector<double> measured, simulated, tolerances;
  std::vector<std::string> gpus, suites, benchmarks, parameters, units, sources;
  for (const ValidationRow& row : rows) {
    numbers.push_back(static_cast<std::int64_t>(numbers.size()));
    gpus.push_back(valid_utf8(row.gpu));
    suites.push_back(valid_utf8(row.suite));
    benchmarks.push_back(valid_utf8(row.benchmark));
    parameters.push_back(valid_utf8(row.parameters));
    units.push_back(valid_utf8(row.unit));
    sources.push_back(valid_utf8(row.source));
    measured.push_back(row.measured);
    simulated.push_back(row.simulated);
    tolerances.push_back(row.tolerance);
    marked.push_back(row.marked ? 1 : 0);
  }
  Hdf5Group group = file.group("figures");
  group.coordinate({"figure", "1", "number of the figure, by GPU and suite"},
                   std::span<const std::int64_t>(numbers));
  const auto text = [&](const char* name, const char* meaning, const std::vector<std::string>& of) {
    group.variable({name, "1", meaning}, {"figure"}, std::span<const std::string>(of));
  };
  const auto number = [&](const char* name, const char* meaning, const std::vector<double>& of) {
    group.variable({name, "1", meaning}, {"figure"}, std::span<const double>(of));
  };
  text("gpu", "config that was run", gpus);
  text("suite", "suite of the figure", suites);
  text("benchmark", "microbenchmark that was run", benchmarks);
  text("parameters", "its parameters, as name=number", parameters);
  text("unit", "of what was measured and simulated", units);
  text("source", "of what was measured", sources);
  number("measured", "on hardware, in the figure's unit", measured);
  number("simulated", "by the model, in the figure's unit", simulated);
  number("tolerance", "share of what was measured that the model may be off", tolerances);
  group.variable({"deviates", "1", "1 where the figure is known to deviate"}, {"figure"},
                 std::span<const std::int64_t>(marked));
}

}  // namespace

std::string_view text_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::within:
      return "";
    case Verdict::missed:
      return "MISSED";
    case Verdict::deviates:
      return "deviates";
    case Verdict::no_longer:
      return "NO LONGER DEVIATES";
  }
  return "";
}

Verdict ValidationRow::verdict() const {
  const bool is_off = !(std::abs(error()) <= tolerance);
  if (is_off) return marked ? Verdict::deviates : Verdict::missed;
  return marked ? Verdict::no_longer : Verdict::within;
}

bool all_as_expected(std::span<const ValidationRow> rows) {
  return std::ranges::all_of(rows, [](const ValidationRow& row) {
    return row.verdict() == Verdict::within || row.verdict() == Verdict::deviates;
  });
}

std::string validation_summary(std::span<const ValidationRow> rows, const TextStyle& style) {
  std::string text;
  Table overview({{"", "", "", "mean", "worst", "beyond"},
                  {"GPU", "suite", "figures", "error", "error", "tolerance"}});
  for_each_block(rows, [&](std::span<const ValidationRow> block) {
    const ValidationRow& first = block.front();
    Table table(
        {{fmt::format("{}, {} within {:g} %", first.gpu, first.suite, 100 * first.tolerance),
          "measured", "simulated", "error", ""}});
    for (const ValidationRow& row : block) {
      table.add({"  " + name_of(row), fmt::format("{:.4g} {}", row.measured, row.unit),
                 fmt::format("{:.4g} {}", row.simulated, row.unit), error_text(row),
                 std::string(text_of(row.verdict()))});
    }
    text += table.text(style) + "\n";
    const BlockErrors errors = errors_of(block);
    overview.add({first.gpu, first.suite, fmt::format("{}", block.size()),
                  percent_text(errors.mean), percent_text(errors.worst),
                  fmt::format("{}", errors.beyond)});
  });
  return text + overview.text(style);
}

std::string validation_markdown(std::span<const ValidationRow> rows) {
  std::string text = "| GPU | suite | what | measured | simulated | error | |\n";
  text += "|---|---|---|---:|---:|---:|---|\n";
  for (const ValidationRow& row : rows) {
    text += fmt::format("| {} | {} | {} | {:.4g} {} | {:.4g} {} | {} | {} |\n", row.gpu, row.suite,
                        name_of(row), row.measured, row.unit, row.simulated, row.unit,
                        error_text(row), text_of(row.verdict()));
  }
  return text;
}

void write_validation_file(const std::filesystem::path& path, std::span<const ValidationRow> rows,
                           const Provenance& provenance) {
  Hdf5File file;
  file.attribute("title", "Figures measured on hardware beside those of the model");
  file.attribute("schema", "strobe-validation");
  file.attribute("schema_version", "1.0");
  write_provenance(file, provenance);
  write_rows(file, rows);
  file.commit(path);
}

}  // namespace strobe::report
