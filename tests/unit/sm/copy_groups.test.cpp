#include <map>
#include <vector>

#include "sim/base/random.h"
#include "sim/model/sm/warp.h"
#include "tests/support/catch.h"

using namespace strobe;
using sm::CopyGroups;

TEST_CASE("groups of copies are waited for in the order of their closing") {
  CopyGroups groups;
  CHECK(groups.closed_within(0));
  const std::uint32_t first = groups.start();
  CHECK(groups.closed_within(0));  // not closed yet
  groups.commit();
  const std::uint32_t second = groups.start();
  groups.commit();
  CHECK(groups.closed_within(2));
  CHECK_FALSE(groups.closed_within(1));
  groups.finish(second);  // the older one is still under way: groups finish in order
  CHECK_FALSE(groups.closed_within(1));
  groups.finish(first);
  CHECK(groups.closed_within(0));
}

TEST_CASE("a group without copies is finished when it is closed") {
  CopyGroups groups;
  for (int i = 0; i < 100; ++i) groups.commit();
  CHECK(groups.closed_within(0));
}

TEST_CASE("a sixteenth closed group is waited for like the others") {
  for (const std::uint32_t count : {15u, 16u, 17u, 40u}) {
    CopyGroups groups;
    std::vector<std::uint32_t> numbers;
    for (std::uint32_t i = 0; i < count; ++i) {
      numbers.push_back(groups.start());
      groups.commit();
    }
    for (const std::uint32_t number : numbers) {
      CHECK_FALSE(groups.closed_within(0));
      groups.finish(number);
    }
    CHECK(groups.closed_within(0));
    groups.start();
    CHECK(groups.closed_within(0));  // the next one is open again
  }
}

TEST_CASE("up to fifteen closed groups are told apart, and none beyond is ever forgotten") {
  SplitMix64 random(1);
  CopyGroups groups;
  std::multimap<std::uint64_t, std::uint32_t> copies;  // closing order -> the group's number
  std::uint64_t closings = 0;
  for (int i = 0; i < 20'000; ++i) {
    const auto action = random.next() % (copies.size() > 40 ? 8 : 4);
    if (action == 0) {
      copies.emplace(closings, groups.start());
    } else if (action == 1) {
      groups.commit();
      ++closings;
    } else if (!copies.empty()) {
      auto done = copies.begin();
      std::advance(done, static_cast<std::ptrdiff_t>(random.next() % copies.size()));
      groups.finish(done->second);
      copies.erase(done);
    }
    // Nothing that was closed may be under way when all is said to be finished.
    const bool some_closed = !copies.empty() && copies.begin()->first < closings;
    if (some_closed) REQUIRE_FALSE(groups.closed_within(0));
  }
}
