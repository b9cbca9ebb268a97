#pragma once

// What a run would have taken without some cause, on a terminal and as JSON.

#include <span>
#include <string>

#include "sim/base/units.h"
#include "sim/report/text.h"

namespace strobe::report {

struct WithoutCause {
  std::string cause, without;  // "dram.refresh", "the DRAM is never refreshed"
  Picoseconds time;            // of the whole run
};

// What each saves of `time`, that of the run as it is: less than nothing where the run is longer
// without it, which the table explains.
std::string what_if_text(std::span<const WithoutCause> rows, Picoseconds time,
                         const TextStyle& style);
std::string what_if_json(std::span<const WithoutCause> rows, Picoseconds time);

}  // namespace strobe::report
