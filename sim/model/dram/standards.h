#pragma once

// What the standards demand of a sequence of commands, for the checker: written from them, with
// where each says so, and not from the rules of the parts' files, which it is there to judge.

#include <string_view>
#include <vector>

#include "sim/model/dram/spec.h"

namespace strobe::dram {

// The families of standards, as bits: which constraints there are differs by family.
enum Family : unsigned { kHbm2 = 1, kHbm3 = 2, kGddr6 = 4, kGddr7 = 8, kLpddr5 = 16 };
constexpr unsigned kHbm = kHbm2 | kHbm3, kGddr = kGddr6 | kGddr7, kAll = kHbm | kGddr | kLpddr5;

// What a standard fixes and no file may choose.
struct Standard {
  std::string_view name, document;
  Family family;
  bool separate_buses;  // one for row and one for column commands
  int activate_clocks;  // on the bus
  int after_activate;   // until a precharge or refresh: of HBM3 they fit into its last half clock
  int column_clocks;    // on the bus
  bool stops_data_clock = false;
  KilobitsPerSecond fastest_of_16_banks{};  // in one group; zero: the standard has no such mode
};

// The standard of that name, or null.
const Standard* standard_named(std::string_view name);

inline constexpr std::string_view kCore = "core AC timings", kRefresh = "refresh command";

// In the standards of `families` the distance that `next` must keep from the last `first` is the
// sum of the named parameters.
struct Constraint {
  std::string_view rule;
  std::string_view chapter;
  unsigned families;
  Command first;
  std::vector<Command> next;
  Scope scope;
  std::vector<std::string_view> sum;
};

// All of them, whatever the family.
const std::vector<Constraint>& constraints();

}  // namespace strobe::dram
