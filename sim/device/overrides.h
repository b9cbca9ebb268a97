#pragma once

// Values laid over config files for one run of a sweep. They go through the same reading as the
// files do, and keep the place where the user wrote them, so that what is wrong with one is
// reported there.

#include <string_view>

#include "sim/device/toml_reader.h"

namespace strobe::device {

struct Overrides {
  TomlNode file;  // over the file of the GPU or part that is run on
  TomlNode part;  // over the file of the GPU's memory part

  // Lays `value` over `key` ("l2.capacity") of a GPU. What begins with memory.part. is the part's.
  void set_of_gpu(std::string_view key, TomlNode value);
};

// Puts `value` at the dotted `key` of `tree`, in tables made on the way there where needed.
void put(TomlNode& tree, std::string_view key, TomlNode value);

// Lays `top` over the whole of `base`, which keeps its own place: it is still that file.
void lay_over_file(TomlNode& base, const TomlNode& top);

}  // namespace strobe::device
