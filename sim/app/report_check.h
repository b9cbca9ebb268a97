#pragma once

// What --check-dram says at the end of a run.

#include <fmt/format.h>

#include <string>
#include <vector>

#include "sim/model/dram/replay.h"

namespace strobe::app {

struct DramCheck {
  std::uint64_t commands = 0, violations = 0;
  std::vector<std::string> texts;  // the first of the violations

  void add(const dram::ReplayResult& result) {
    const dram::Counters& c = result.counters;
    commands += c.activates + c.reads + c.writes + c.precharges + c.precharge_alls +
                c.refresh_banks + c.refresh_alls;
    violations += result.violations;
    texts.insert(texts.end(), result.violation_texts.begin(), result.violation_texts.end());
  }
};

// The exit status: 1 when the checker found something.
inline int report_check(const DramCheck& check) {
  fmt::print("DRAM check: {} commands, {} violations\n", check.commands, check.violations);
  for (const std::string& text : check.texts) fmt::print("  {}\n", text);
  return check.violations == 0 ? 0 : 1;
}

}  // namespace strobe::app
