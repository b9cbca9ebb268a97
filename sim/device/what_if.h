#pragma once

// The same GPU without one of the things that its warps wait for: what that costs is the difference
// to a run of the GPU as it is. Unlike the share of the stalls that is charged to a cause, this
// counts only what nothing else would have hidden.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/device/spec.h"

namespace strobe::device {

struct WhatIf {
  std::string_view cause;  // as in stats::kCauses, or what comes before the point in several
  std::string_view without;
  void (*take_away)(GpuSpec& gpu);
};

inline bool concerns(const WhatIf& one, std::string_view cause) {
  const std::string_view start = cause.substr(0, one.cause.size());
  return start == one.cause && (cause == one.cause || cause[one.cause.size()] == '.');
}

// In the order in which a request meets them.
std::span<const WhatIf> what_ifs();

// Of a list such as "dram.refresh,l2.far", or "all" of them. Throws UserError for a cause that is
// none, that cannot be taken away or that is named twice.
std::vector<const WhatIf*> what_ifs_of(std::string_view causes);

}  // namespace strobe::device
