#include "sim/model/dram/choice.h"

#include "tests/support/catch.h"

using namespace strobe;
using namespace strobe::dram;

namespace {
constexpr std::size_t kColumnLane = 2, kRowLane = 1;  // see urgencies_of()
}  // namespace

TEST_CASE("each choice waits for the floor of its own command and keeps what else decides") {
  Choices choices;
  choices[kRefresh] = {Urgency(kRefresh, Rank(0, 0), 1), -3, kNoEntry, Command::refresh_bank, 9};
  choices[kColumn] = {Urgency(kColumn, Rank(77, 5), 1), 40, 12, Command::write, 5};
  choices[kRow] = {Urgency(kRow, Rank(Rank::kLastOrder, 63), 1), 1 << 20, 0xFFFE,
                   Command::start_data_clock, 63};
  Lanes floors{};
  for (std::size_t i = 0; i < kLaneCount; ++i) floors[i] = static_cast<std::int32_t>(10 * i);
  const WideLanes words = urgencies_of(choices, floors);
  CHECK(Urgency::of_word(words[kRefresh]) == choices[kRefresh].urgency.at(50));
  CHECK(Urgency::of_word(words[kColumnLane]) == choices[kColumn].urgency.at(40));
  CHECK(Urgency::of_word(words[kRowLane]) == choices[kRow].urgency.at(1 << 20));
}

TEST_CASE("before every floor a choice keeps a clock from before the epoch") {
  Choices choices;
  choices[kRow] = {Urgency(kRow, Rank(1, 1), 0), -(1 << 12), 3, Command::activate, 1};
  const WideLanes words = urgencies_of(choices, all_lanes(-(1 << 20)));
  CHECK(Urgency::of_word(words[kRowLane]).clock() == -(1 << 12));
}

TEST_CASE("where nothing is chosen nothing ever issues") {
  const WideLanes words = urgencies_of(Choices{}, all_lanes(7));
  for (std::size_t i = 0; i < kWideLaneCount; ++i) {
    CHECK(Urgency::of_word(words[i]).clock() == kNeverNear);
  }
}
