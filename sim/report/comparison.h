#pragma once

// Steps of networks on several GPUs side by side: on the terminal, as JSON and in a result file.

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/report/network_report.h"

namespace strobe::report {

struct ComparisonRow {
  std::string gpu;
  std::uint64_t capacity = 0;  // of its memory, bytes
  NetworkReport report;        // without operations when it does not fit

  bool fits() const { return report.memory.total() <= capacity; }
  // Samples, or tokens of a language model, copies of the input included; none when it does not
  // fit.
  double rate() const;
  // J of a step with its host copy; not a number when it does not fit or is not known.
  double energy() const;
  // Samples or tokens of a joule; none when that is not known.
  double efficiency() const;
};

// What most of a step's time goes to: a bound of the kernels, or their launches.
struct MainBound {
  std::string_view name;  // empty when there are no operations
  double share = 0;       // of the step's time
};
MainBound main_bound(const NetworkReport& report);

// A table for each network and batch, a line for each GPU. REQUIRES: those of one network and batch
// are neighbours.
std::string comparison_text(std::span<const ComparisonRow> rows, bool epoch,
                            const TextStyle& style);
JsonObject comparison_json(std::span<const ComparisonRow> rows);
// Throws UserError when the file cannot be written; an existing one is then as it was.
void write_comparison_file(const std::filesystem::path& path, std::span<const ComparisonRow> rows,
                           const Provenance& provenance);

}  // namespace strobe::report
