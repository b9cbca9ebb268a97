#pragma once

// One HTML page out of any result file: what is in the file as JSON, and the scripts that draw it.
// The page needs no network and nothing beside it.

#include <string>

#include "sim/report/hdf5_input.h"

namespace strobe::report {

// `name` is what the page calls the file.
std::string report_page(const Hdf5Input& file, const std::string& name);

}  // namespace strobe::report
