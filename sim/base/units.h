#pragma once

// Quantities that cannot be mixed up: an integer with a name for its unit. Adding two lengths of
// time compiles, adding a time to a size does not, and no arithmetic costs more than the integer's.

#include <compare>
#include <cstdint>
#include <limits>

namespace strobe {

template <class Unit>
class Quantity {
 public:
  constexpr Quantity() = default;
  constexpr explicit Quantity(std::int64_t count) : count_(count) {}

  constexpr std::int64_t count() const { return count_; }
  constexpr auto operator<=>(const Quantity&) const = default;

  constexpr Quantity& operator+=(Quantity other) {
    count_ += other.count_;
    return *this;
  }
  constexpr Quantity& operator-=(Quantity other) {
    count_ -= other.count_;
    return *this;
  }
  friend constexpr Quantity operator+(Quantity a, Quantity b) { return a += b; }
  friend constexpr Quantity operator-(Quantity a, Quantity b) { return a -= b; }
  friend constexpr Quantity operator*(Quantity a, std::int64_t n) { return Quantity(a.count_ * n); }

 private:
  std::int64_t count_ = 0;
};

using Picoseconds = Quantity<struct PicosecondUnit>;  // a length of simulated time
using Cycles = Quantity<struct CycleUnit>;            // means nothing without its Clock
using Bytes = Quantity<struct ByteUnit>;
using Kilohertz = Quantity<struct KilohertzUnit>;
using BytesPerSecond = Quantity<struct BytesPerSecondUnit>;

// A point in simulated time. Points do not add; they differ by Picoseconds.
class Instant {
 public:
  constexpr Instant() = default;
  constexpr explicit Instant(Picoseconds since_start) : since_start_(since_start) {}

  static constexpr Instant never() {
    return Instant(Picoseconds(std::numeric_limits<std::int64_t>::max()));
  }

  constexpr Picoseconds since_start() const { return since_start_; }
  constexpr auto operator<=>(const Instant&) const = default;

  friend constexpr Instant operator+(Instant at, Picoseconds d) {
    return Instant(at.since_start_ + d);
  }
  friend constexpr Instant operator-(Instant at, Picoseconds d) {
    return Instant(at.since_start_ - d);
  }
  friend constexpr Picoseconds operator-(Instant a, Instant b) {
    return a.since_start_ - b.since_start_;
  }

 private:
  Picoseconds since_start_;
};

constexpr Picoseconds operator""_ps(unsigned long long n) {
  return Picoseconds(static_cast<std::int64_t>(n));
}
constexpr Picoseconds operator""_ns(unsigned long long n) {
  return Picoseconds(static_cast<std::int64_t>(n) * 1'000);
}
constexpr Picoseconds operator""_us(unsigned long long n) {
  return Picoseconds(static_cast<std::int64_t>(n) * 1'000'000);
}
constexpr Kilohertz operator""_MHz(unsigned long long n) {
  return Kilohertz(static_cast<std::int64_t>(n) * 1'000);
}

}  // namespace strobe
