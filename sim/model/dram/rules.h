#pragma once

// From the rules of a part's file, which name timings, to rules in whole command clocks.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/units.h"
#include "sim/model/dram/spec.h"

namespace strobe::dram {

// Why a command had to wait, for the attribution of stalls. When two rules end at the same clock
// the later enumerator is blamed.
enum class Reason : std::uint8_t {
  queue,
  bank_group,
  row_miss,
  activate_window,
  row_conflict,
  turnaround,
  refresh,
};
inline constexpr int kReasonBits = 3;

// Within one `scope`, `next` comes no sooner than `wait` after the `window`-th last `first`.
struct Rule {
  Scope scope{};
  Command first{}, next{};
  Cycles wait;
  std::uint32_t window = 1;
};

Reason reason_of(const Rule& rule);

// What a wait expression adds up to, or what is wrong with it.
struct Wait {
  Cycles cycles;
  std::string error;  // empty when there is none
};
Wait parse_wait(const PartSpec& part, std::string_view expression);

// Whether a wait expression has the timing among its terms.
bool names_timing(std::string_view expression, std::string_view timing);

// One rule for each pair of commands. Of rules for the same pair and scope only the longest is
// kept, and none that a wider scope already implies. REQUIRES: the part has no complaint.
std::vector<Rule> compile_rules(const PartSpec& part);

}  // namespace strobe::dram
