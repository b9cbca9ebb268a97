#pragma once

// Where config files are found. A name with a slash or ending in .toml is a path. Any other name
// is looked up as NAME.toml in gpu/, dram/ or networks/ of $STROBE_CONFIGS, of configs/ of the
// source tree that this program was built from, and of share/strobe/configs of where it was
// installed; the first that has it wins. Names are exact: a short name that means one GPU today may
// mean two tomorrow, and a script should not change its meaning for that.

#include <string>
#include <vector>

namespace strobe::device {

// The path of the file. Throw UserError, with the nearest names, when there is none.
std::string find_gpu(const std::string& name);
std::string find_part(const std::string& name);
std::string find_network(const std::string& name);

// All names, sorted.
std::vector<std::string> list_gpus();
std::vector<std::string> list_parts();
std::vector<std::string> list_networks();

}  // namespace strobe::device
