#pragma once

// The door to Boost.Graph for networks: how long things that need each other take at least when
// everything else is done beside them.

#include <cstddef>
#include <span>
#include <vector>

namespace strobe::networks {

// needs[i] are those that must come before i. The longest way through, the time of both ends
// included. REQUIRES: there is no circle.
double critical_path(const std::vector<std::vector<std::size_t>>& needs,
                     std::span<const double> times);

}  // namespace strobe::networks
