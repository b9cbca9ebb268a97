#pragma once

// The results of many runs on the grid that a sweep spans: one row of numbers a run, in one
// netCDF-4 compatible file whose root is one xarray Dataset with the swept parameters as
// coordinates. A shard is the same file with other shards' runs missing, and what is kept of one
// run is the same file with one row, so there is one writer and one reader.
//
// Nothing that differs between two ways of making the same runs is in it: no time of day, no number
// of threads, no host. Equal results are equal bytes.

#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "sim/report/hdf5_input.h"
#include "sim/report/provenance.h"

namespace strobe::report {

enum class RunStatus : std::uint8_t { done, failed, excluded, missing };
inline constexpr std::array<std::string_view, 4> kRunStatusNames{"done", "failed", "excluded",
                                                                 "missing"};

// A number of each run, or one for each entry of an inner dimension (a stall's cause).
struct GridColumn {
  Label label;
  std::string along = {};
  std::size_t size = 1;

  bool operator==(const GridColumn&) const;
};

struct GridRow {
  RunStatus status = RunStatus::missing;
  std::string error = {};           // of a failed run
  std::vector<double> values = {};  // of all columns in turn; empty unless done
};

struct Grid {
  std::vector<StoredAttribute> attributes;
  std::vector<StoredVariable> dimensions;   // swept, the outermost first
  std::vector<StoredVariable> coordinates;  // other values along some of those
  std::vector<StoredVariable> inner;        // dimensions of columns
  std::vector<GridColumn> columns;
  std::vector<GridRow> rows;  // one for each place of the grid, the last dimension fastest
  std::vector<InputFile> inputs;

  // Empty when there is none.
  std::string text(std::string_view attribute) const;
};

// Throw UserError when the file cannot be written (an existing one is then as it was), or when it
// cannot be read, is damaged or of another schema.
void write_grid(const std::filesystem::path& path, const Grid& grid);
Grid read_grid(const std::filesystem::path& path);

}  // namespace strobe::report
