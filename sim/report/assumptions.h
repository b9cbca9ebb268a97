#pragma once

// How much of a machine rests on assumption: the numbers of its config that nobody has published or
// measured, and which of them stand on the way of a load, where they decide latency or bandwidth.

#include <span>
#include <string>
#include <vector>

#include "sim/device/spec.h"
#include "sim/report/text.h"

namespace strobe::report {

struct Assumptions {
  std::size_t numbers = 0, assumed = 0;
  // Keys of assumed numbers of the memory path: times, and what bytes a second follow from.
  std::vector<std::string> latencies, bandwidths;
};

Assumptions assumptions_of(std::span<const device::Sourced> sources);

// "  assumed    61 of 198 numbers; latency: l2.hit_latency, ... and 5 more; bandwidth: ..."; at
// most `listed` keys of each kind. Empty when nothing is assumed.
std::string assumption_lines(const Assumptions& assumptions, std::size_t listed,
                             const TextStyle& style);

}  // namespace strobe::report
