#pragma once

// A sweep as the user wrote it (configs/README.md has the keys): what to run, on what, and which
// keys take which values. Everything that varies is an axis, the target, the work and the seed
// included.

#include <string>
#include <vector>

#include "sim/device/toml_reader.h"
#include "sim/run/target.h"
#include "sim/sweep/expression.h"

namespace strobe::sweep {

// One value of an axis: as it is shown, and as it is laid over a config file.
struct Choice {
  std::string text;
  device::TomlNode value;
};

struct Axis {
  std::string name;       // of the coordinate, and in expressions
  std::string key;        // of the config or, after "work.", of the work; empty for a mere number
  std::string dimension;  // axes of one dimension take their values in step
  Place place;
  std::vector<Choice> choices;
};

// A key that is the same in all runs, or one that follows from the axes.
struct Setting {
  std::string key;
  device::TomlNode value;
};
struct Derived {
  std::string key;
  Expression expression;
};

struct SweepFile {
  std::string file, text, title;
  run::Target kind{};
  // Target, work, the axes in the order of the file, seed. One with a single choice that the user
  // did not call an axis has no dimension.
  std::vector<Axis> axes;
  std::vector<device::TomlNode> works;  // tables, by position on the axis of that name
  std::vector<Setting> settings;
  std::vector<Derived> derived;
  std::vector<Expression> where;
};

inline constexpr const char* kTargetAxis = "target";
inline constexpr const char* kWorkAxis = "work";
inline constexpr const char* kSeedAxis = "seed";
inline constexpr std::string_view kWorkKey = "work.";

// Throws UserError with file and line.
SweepFile read_sweep_file(const std::string& file);

}  // namespace strobe::sweep
