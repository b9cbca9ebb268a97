#pragma once

// The numbers in front of an instruction that say whose it is: CTA and warp (4) in raw traces and
// in the oldest grouped ones, CTA, warp, cluster, CTA in the cluster and rank (11) in raw traces of
// version 6, none in grouped traces from version 3 on.

#include <cstdint>
#include <string_view>

#include "sim/trace/fields.h"
#include "sim/trace/kernel_header.h"

namespace strobe::trace {

// Told from where the active mask stands in an instruction line, as headers are not to be trusted:
// there are files without a version of either kind. `fallback` is the answer for a damaged line.
inline std::uint32_t prefix_length(std::string_view line, bool line_numbers,
                                   std::uint32_t fallback) {
  for (const std::uint32_t prefix : {0U, 4U, 11U}) {
    Fields fields(line);
    for (std::uint32_t i = 0; i < prefix + (line_numbers ? 2 : 1); ++i) fields.word();
    std::uint32_t mask = 0;
    if (fields.peek().size() != 8 || !fields.hexadecimal(mask)) continue;
    const std::string_view destinations = fields.peek();
    if (destinations == "0" || destinations == "1") return prefix;
  }
  return fallback;
}

}  // namespace strobe::trace
