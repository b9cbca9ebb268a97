#pragma once

// The shards of a sweep put together: the file that one process would have written, byte for byte.

#include <filesystem>
#include <string>
#include <vector>

#include "sim/report/grid.h"

namespace strobe::sweep {

// Throws UserError when a shard cannot be read, when shards are of different plans or made by
// different programs, and when a run is in none of them.
report::Grid merge_shards(const std::vector<std::string>& files);

}  // namespace strobe::sweep
