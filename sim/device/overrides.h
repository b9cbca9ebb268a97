#pragma once

// Values laid over config files for one run: those of a sweep, or of a command line. They go
// through the same reading as the files do, and keep the place where the user wrote them, so that
// what is wrong with one is reported there.

#include <string_view>

#include "sim/device/toml_reader.h"

namespace strobe::device {

struct Overrides {
  TomlNode file;  // over the file of the GPU or part that is run on
  TomlNode part;  // over the file of the GPU's memory part

  // Lays `value` over `key` ("l2.capacity") of a GPU. What begins with memory.part. is the part's.
  void set_of_gpu(std::string_view key, TomlNode value);
};

// Keys and values as a command line has them, "memory.data_rate=20.502Gb/s; l2.ways=8". A whole
// number, true, false, a list or a quoted text is what it would be in a file; anything else is
// text, in which a number may stand right before its unit. Throw UserError.
Overrides overrides_of_gpu(std::string_view settings);
TomlNode overrides_of_part(std::string_view settings);

// Puts `value` at the dotted `key` of `tree`, in tables made on the way there where needed.
void put(TomlNode& tree, std::string_view key, TomlNode value);

// Lays `top` over the whole of `base`, which keeps its own place: it is still that file.
void lay_over_file(TomlNode& base, const TomlNode& top);

}  // namespace strobe::device
