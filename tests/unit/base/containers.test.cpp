#include <deque>

#include "sim/base/random.h"
#include "sim/base/ring.h"
#include "sim/base/slots.h"
#include "tests/support/catch.h"

using namespace strobe;

TEST_CASE("a ring gives back what went in, in order, over any number of wraps and growths") {
  for (const std::size_t limit : {1u, 2u, 15u, 16u, 17u, 100u, 1000u}) {
    Ring<int> ring(limit);
    std::deque<int> expected;
    SplitMix64 random(limit);
    for (int i = 0; i < 5000; ++i) {
      // Mostly filling in one half of the time, mostly emptying in the other.
      const bool push = random.next() % 4 < (i / 500 % 2 == 0 ? 3u : 1u);
      if (push && !ring.full()) {
        ring.push(i);
        expected.push_back(i);
      } else if (!ring.empty()) {
        REQUIRE(ring.front() == expected.front());
        ring.pop();
        expected.pop_front();
      }
      REQUIRE(ring.size() == expected.size());
      REQUIRE(ring.full() == (expected.size() == limit));
      REQUIRE(ring.empty() == expected.empty());
    }
    CHECK(ring.capacity() == limit);
  }
}

TEST_CASE("a ring of no places is empty and full at once") {
  const Ring<int> ring(0);
  CHECK(ring.empty());
  CHECK(ring.full());
}

TEST_CASE("no slot is taken twice, and the one given back last is taken next") {
  Slots<int> slots(3);
  const std::uint32_t a = slots.take(), b = slots.take(), c = slots.take();
  CHECK(a + b + c == 3);  // 0, 1 and 2
  CHECK(slots.full());
  CHECK(slots.used() == 3);
  slots.give_back(a);
  slots.give_back(c);
  CHECK(slots.used() == 1);
  CHECK(slots.take() == c);
  CHECK(slots.take() == a);
  CHECK(slots.capacity() == 3);
}

TEST_CASE("a slot keeps what its last user left in it") {
  Slots<int> slots(1);
  const std::uint32_t slot = slots.take();
  slots[slot] = 42;
  slots.give_back(slot);
  CHECK(slots[slots.take()] == 42);
}

TEST_CASE("the random numbers are those of the published generator") {
  // splitmix64 of seed 1234567, first numbers as in the Rosetta Code task of that name.
  SplitMix64 random(1234567);
  CHECK(random.next() == 6457827717110365317u);
  CHECK(random.next() == 3203168211198807973u);
  CHECK(random.next() == 9817491932198370423u);
}
