#pragma once

// The door to Boost.Graph for networks: in which order things that need each other can be done, and
// how long that takes at least when everything else is done beside it.

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace strobe::networks {

// needs[i] are those that must come before i. The order keeps to that of the numbers where it can.
// Nothing when some need each other in a circle.
std::optional<std::vector<std::size_t>> topological_order(
    const std::vector<std::vector<std::size_t>>& needs);

// The longest way through, the time of both ends included. REQUIRES: there is no circle.
double critical_path(const std::vector<std::vector<std::size_t>>& needs,
                     std::span<const double> times);

}  // namespace strobe::networks
