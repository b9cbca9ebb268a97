#pragma once

// Figures measured on hardware beside what the model gives: tables for the terminal and for
// Markdown, and a result file.

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "sim/report/provenance.h"
#include "sim/report/text.h"

namespace strobe::report {

enum class Verdict : std::uint8_t {
  within,     // its tolerance
  missed,     // and nobody knew
  deviates,   // and is known to: a row of DEVIATIONS.md
  no_longer,  // deviates, though it is marked so
};

// Nothing where all is as it should be.
std::string_view text_of(Verdict verdict);

struct ValidationRow {
  std::string gpu, suite, benchmark, parameters, unit, source;
  double measured = 0, simulated = 0;
  double tolerance = 0;  // as a share of what was measured
  bool marked = false;   // as deviating

  double error() const { return simulated / measured - 1; }
  Verdict verdict() const;
};

// Whether all rows are as they should be: within their tolerance, or marked and beyond it.
bool all_as_expected(std::span<const ValidationRow> rows);

// Rows of one GPU and suite next to each other make one table.
std::string validation_summary(std::span<const ValidationRow> rows, const TextStyle& style);
std::string validation_markdown(std::span<const ValidationRow> rows);

// Throws UserError when the file cannot be written; an existing one is then as it was.
void write_validation_file(const std::filesystem::path& path, std::span<const ValidationRow> rows,
                           const Provenance& provenance);

}  // namespace strobe::report
