#pragma once

#include <string>

namespace strobe::sweep {

// Of the program that runs, by its own file: two builds of one version may model differently, and a
// result of the one must never be taken for one of the other.
const std::string& program_hash();

}  // namespace strobe::sweep
