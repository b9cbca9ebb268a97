#pragma once

// Failed checks show quantities and instants as numbers. Include before the first CHECK on one.

#include <string>

#include "sim/base/units.h"
#include "tests/support/catch.h"

namespace Catch {

template <class Unit>
struct StringMaker<strobe::Quantity<Unit>> {
  static std::string convert(strobe::Quantity<Unit> value) { return std::to_string(value.count()); }
};

template <>
struct StringMaker<strobe::Instant> {
  static std::string convert(strobe::Instant value) {
    return "at " + std::to_string(value.since_start().count()) + " ps";
  }
};

}  // namespace Catch
