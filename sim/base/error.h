#pragma once

// The one exception for everything the user can get wrong. It names the place, as compilers do, and
// is thrown before the run starts; `main` prints it and exits with status 2.

#include <cstdint>
#include <stdexcept>
#include <string>

namespace strobe {

struct Place {
  std::string file;
  std::int64_t line = 0;    // 0 when the whole file is meant
  std::int64_t column = 0;  // 0 when the whole line is meant
};

class UserError : public std::runtime_error {
 public:
  explicit UserError(const std::string& message) : std::runtime_error(message) {}
  UserError(const Place& place, const std::string& message)
      : std::runtime_error(prefix(place) + message) {}

 private:
  static std::string prefix(const Place& place) {
    std::string text = place.file;
    if (place.line > 0) text += ":" + std::to_string(place.line);
    if (place.line > 0 && place.column > 0) text += ":" + std::to_string(place.column);
    return text + ": ";
  }
};

}  // namespace strobe
