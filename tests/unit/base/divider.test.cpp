#include "sim/base/divider.h"

#include "sim/base/random.h"
#include "tests/support/catch.h"

using namespace strobe;

TEST_CASE("a divider divides as the machine does, at every border and in between") {
  constexpr std::uint64_t kMost = ~std::uint64_t{0};
  SplitMix64 random(1);
  for (const std::uint64_t divisor :
       {std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{3}, std::uint64_t{80},
        std::uint64_t{1'380'000}, std::uint64_t{1'000'000'007}, std::uint64_t{1} << 32,
        std::uint64_t{1} << 63, kMost - 1, kMost}) {
    const Divider divider(divisor);
    const auto check = [&](std::uint64_t number) {
      const Divider::Parts parts = divider.divide(number);
      REQUIRE(parts.quotient == number / divisor);
      REQUIRE(parts.rest == number % divisor);
    };
    for (int i = 0; i < 1000; ++i) {
      const std::uint64_t any = random.next() >> (random.next() % 64);
      check(any);
      check(any / divisor * divisor);      // a multiple, which the product just reaches or misses
      check(any / divisor * divisor - 1);  // and the number before it
    }
    for (const std::uint64_t number : {std::uint64_t{0}, divisor - 1, divisor, kMost})
      check(number);
  }
}
