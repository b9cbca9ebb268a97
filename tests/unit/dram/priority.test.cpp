#include "sim/model/dram/priority.h"

#include "tests/support/catch.h"

using namespace strobe;
using namespace strobe::dram;

TEST_CASE("a command that can issue a clock earlier goes before any other") {
  CHECK(Urgency(2, Rank(Rank::kLastOrder, 63), 15).at(4) < Urgency(0, Rank(0, 0), 0).at(5));
  CHECK(Urgency(2, Rank(Rank::kLastOrder, 63), 15).at(-5) < Urgency(0, Rank(0, 0), 0).at(-4));
}

TEST_CASE("at the same clock the kind decides, then the age of the request, then the place") {
  CHECK(Urgency(1, Rank(Rank::kLastOrder, 63), 15).at(9) < Urgency(2, Rank(0, 0), 0).at(9));
  CHECK(Urgency(1, Rank(11, 63), 15).at(9) < Urgency(1, Rank(12, 0), 0).at(9));
  CHECK(Urgency(1, Rank(11, 5), 0).at(9) < Urgency(1, Rank(11, 5), 1).at(9));
}

TEST_CASE("what went into the word of an urgency comes out of it at the ends of every field") {
  for (const std::uint32_t order : {0U, 12345U, Rank::kLastOrder}) {
    for (const std::uint32_t bank : {0U, 17U, 63U}) {
      for (const Near clock : {-(Near{1} << 24), 0, kNeverNear}) {
        const Urgency urgency = Urgency(2, Rank(order, bank), 15).at(clock);
        CHECK(Rank(order, bank).bank() == bank);
        CHECK(urgency.kind() == 2);
        CHECK(urgency.pseudo_channel() == 15);
        CHECK(urgency.clock() == clock);
      }
    }
  }
}

TEST_CASE("what nobody wants comes after every choice") {
  CHECK(Urgency(2, Rank(Rank::kLastOrder, 63), 15).at(kNeverNear) < Urgency());
  CHECK(Rank(Rank::kLastOrder - 1, 63).word() < Rank().word());
}
