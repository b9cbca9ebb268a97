#pragma once

// What a user can name as the thing to run on.

#include <string>

namespace strobe::run {

enum class Target { gpu, memory_part };

// Of a name in the catalogue or the path of a config file. Throws UserError, with the nearest
// names, when it is neither a GPU nor a part.
Target target_named(const std::string& name);

}  // namespace strobe::run
