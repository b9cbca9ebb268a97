#pragma once

// Many layers' times side by side with what was measured: how far off they are, by GPU and family
// of operators, on the terminal and in a result file.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/device/board_energy.h"
#include "sim/report/figures.h"
#include "sim/report/provenance.h"
#include "sim/report/text.h"

namespace strobe::report {

struct Prediction {
  std::int64_t line = 0;  // of the table
  std::string gpu, family, layer, kernel;
  double simulated = 0;                 // s, all kernels, without launches
  double spread = 0;                    // of the waves that were sampled
  Bound bound = Bound::latency;         // of the longest kernel
  Kilohertz clock{};                    // of the SMs, below the GPU's own where power holds it
  device::BoardEnergy energy = {};      // J, launches included; nothing where it is not known
  std::optional<double> measured = {};  // s, with whatever the measurement adds
  std::optional<double> overhead = {};  // s, what the measurement adds, if that could be told
  std::string source = {};              // who measured it, if the table says so

  double predicted() const { return simulated + overhead.value_or(0); }
  double error() const { return predicted() / *measured - 1; }  // REQUIRES: measured
};

// How far the predictions of a GPU and family are off.
struct ErrorFigures {
  std::string gpu, family;
  std::size_t rows = 0;
  std::optional<double> least_overhead, most_overhead;  // s, of its sources
  double mean_absolute = 0, median = 0, percentile_90 = 0, worst = 0, bias = 0;
};

// Gives each prediction its overhead: what a measurement takes beyond the kernel is the same for
// every size of a family that one source measured, so it shows where kernels are short. It is the
// median of what measured exceeds simulated in the five shortest rows (a tenth of many), and not
// negative. Each counts by the inverse of what was measured, because errors of the model and of a
// measurement are shares of it. Where a source has fewer than three rows of a family simulated to
// take less than 200 us, they get none.
void estimate_overheads(std::span<Prediction> predictions);

// By GPU and family, in the order in which they first appear; rows without a measurement left out.
std::vector<ErrorFigures> error_figures(std::span<const Prediction> predictions);

std::string predictions_summary(std::span<const Prediction> predictions, const TextStyle& style);

// Of a family's rows: a time, or from which to which where its sources differ.
std::string overhead_text(const ErrorFigures& errors);

// Throws UserError when the file cannot be written; an existing one is then as it was.
void write_predictions_file(const std::filesystem::path& path,
                            std::span<const Prediction> predictions, const Provenance& provenance);

}  // namespace strobe::report
