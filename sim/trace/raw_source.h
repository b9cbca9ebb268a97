#pragma once

// Raw traces (.trace): the lines of all CTAs interleaved as the tracer saw them. A first pass
// counts what each CTA has; then CTAs come out in order of first appearance, as many per further
// pass over the file as fit into a budget of kRawPassBytes. Memory is that budget, or the largest
// CTA when that is more, so a file of any size replays; a file below the budget takes two passes.

#include <memory>

#include "sim/trace/kernel_header.h"
#include "sim/trace/warning_log.h"

namespace strobe::trace {

inline constexpr std::uint64_t kRawPassBytes = 64ULL << 20;

// REQUIRES: `input` stands at the first instruction line. Throws UserError when CTAs of the grid
// are missing.
std::unique_ptr<CtaSource> open_raw(TextInput& input, const FileHeader& header, WarningLog& log,
                                    std::uint64_t pass_bytes = kRawPassBytes);

}  // namespace strobe::trace
