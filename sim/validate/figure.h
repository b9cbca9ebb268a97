#pragma once

// A figure that was measured on a GPU, as a row of a table such as those in validation/measured,
// which say what ran, on what, what came out and who says so. A row names the microbenchmark and
// its parameters, and that is all there is to know to run the same on a model.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/units.h"

namespace strobe::validate {

struct Parameter {
  std::string name;
  std::uint64_t value = 0;
};

struct Figure {
  std::string gpu, suite, benchmark;
  std::string parameters_text;  // "blocks=108 threads=1024", as written
  std::vector<Parameter> parameters;
  double value = 0;
  std::string unit;
  std::optional<Kilohertz> clock;  // of the SMs; nothing when nobody says
  bool deviates = false;           // a known miss, with a row in DEVIATIONS.md
  std::string source, method;
  std::string file;
  std::int64_t line = 0;

  std::optional<std::uint64_t> parameter(std::string_view name) const;
  std::uint64_t parameter(std::string_view name, std::uint64_t otherwise) const;
};

inline constexpr std::string_view kColumns =
    "gpu,suite,benchmark,parameters,value,unit,clock,deviates,source,method";

// Every row of the table. Throws UserError, with file and line, for one that cannot be understood.
std::vector<Figure> read_figures(const std::filesystem::path& path);

// The folder of the tables that come with this program: $STROBE_MEASURED, validation/measured of
// the source tree that it was built from, or share/strobe/measured of where it was installed; the
// first that exists. Throws UserError when none does.
std::filesystem::path measured_folder();

}  // namespace strobe::validate
