#pragma once

// Division by a number that is known long before it is used: a multiplication and a correction
// instead of a division instruction, which takes several times as long.

#include <cstdint>

#include "sim/base/check.h"

namespace strobe {

class Divider {
 public:
  constexpr explicit Divider(std::uint64_t divisor)
      : divisor_(divisor), reciprocal_(~std::uint64_t{0} / (divisor > 0 ? divisor : 1)) {
    STROBE_CHECK(divisor > 0);
  }

  constexpr std::uint64_t divisor() const { return divisor_; }

  struct Parts {
    std::uint64_t quotient, rest;
  };

  // The reciprocal is floor((2^64 - 1) / divisor), so the product's high half falls short of the
  // quotient by at most one, for every number and divisor.
  constexpr Parts divide(std::uint64_t number) const {
    Parts parts{high_half(number, reciprocal_), 0};
    parts.rest = number - parts.quotient * divisor_;
    if (parts.rest >= divisor_) {
      ++parts.quotient;
      parts.rest -= divisor_;
    }
    return parts;
  }
  constexpr std::uint64_t quotient(std::uint64_t number) const { return divide(number).quotient; }

 private:
  __extension__ using Wide = unsigned __int128;
  static constexpr std::uint64_t high_half(std::uint64_t a, std::uint64_t b) {
    return static_cast<std::uint64_t>((Wide{a} * b) >> 64);
  }

  std::uint64_t divisor_, reciprocal_;
};

}  // namespace strobe
