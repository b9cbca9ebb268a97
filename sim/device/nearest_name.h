#pragma once

// "did you mean ...?": the known names that a mistyped one may stand for.

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace strobe::device {

// Fewest single-character insertions, deletions, replacements and swaps of neighbours.
std::size_t edit_distance(std::string_view a, std::string_view b);

// Known names close to `name`, nearest first: a third of its letters may be wrong, or it is the
// beginning of the known name. At most three.
std::vector<std::string> nearest_names(std::string_view name, std::span<const std::string> known);

// "; did you mean a, b or c?", or nothing when no known name is near.
std::string did_you_mean(std::string_view name, std::span<const std::string> known);

}  // namespace strobe::device
