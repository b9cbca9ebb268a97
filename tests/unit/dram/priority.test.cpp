#include "sim/model/dram/priority.h"

#include "tests/support/catch.h"

using namespace strobe;
using namespace strobe::dram;

TEST_CASE("a command that can issue a clock earlier goes before one for any older request") {
  const Priority early = Priority(Priority::kLastOrder, 63).delayed_by(4);
  const Priority late = Priority(0, 0).delayed_by(5);
  CHECK(early.word() < late.word());
}

TEST_CASE("at the same clock the older request goes first, whatever its bank") {
  const Priority older = Priority(11, 63).delayed_by(9), younger = Priority(12, 0).delayed_by(9);
  CHECK(older.word() < younger.word());
}

TEST_CASE("what went into the word of a priority comes out of it at the ends of every field") {
  for (const std::uint64_t order : {std::uint64_t{0}, std::uint64_t{12345}, Priority::kLastOrder}) {
    for (const std::uint32_t bank : {0U, 17U, 63U}) {
      for (const std::int64_t delay : {std::int64_t{0}, Priority::kMostDelay}) {
        const Priority priority = Priority(order, bank).delayed_by(delay);
        CHECK(priority.order() == order);
        CHECK(priority.bank() == bank);
        CHECK(priority.delay() == Cycles(delay));
      }
    }
  }
}

TEST_CASE("a priority that nobody has comes after every other") {
  const Priority last = Priority(Priority::kLastOrder - 1, 63).delayed_by(Priority::kMostDelay);
  CHECK(last.word() < Priority().word());
  CHECK(Priority().is_none());
}
