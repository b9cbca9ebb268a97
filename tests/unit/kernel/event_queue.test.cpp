#include "sim/kernel/event_queue.h"

#include <algorithm>

#include "sim/base/random.h"
#include "tests/support/catch.h"
#include "tests/support/print_units.h"

using namespace strobe;

namespace {

Event event(std::int64_t at, std::uint32_t sender, std::uint32_t nth) {
  return {Instant(Picoseconds(at)), {ComponentId{sender}, nth}, ComponentId{0}, Event::kWake};
}

}  // namespace

TEST_CASE("events leave by time, then sender, then the sender's count, however they came") {
  std::vector<Event> events;
  for (std::int64_t at = 0; at < 5; ++at) {
    for (std::uint32_t sender = 0; sender < 5; ++sender) {
      for (std::uint32_t nth = 0; nth < 5; ++nth) events.push_back(event(at, sender, nth));
    }
  }
  SplitMix64 random(1);
  for (int round = 0; round < 20; ++round) {
    std::vector<Event> shuffled = events;
    for (std::size_t i = shuffled.size(); i > 1; --i) {
      std::swap(shuffled[i - 1], shuffled[random.next() % i]);
    }
    EventQueue queue;
    for (const Event& each : shuffled) queue.push(each);
    for (const Event& expected : events) {
      REQUIRE(queue.next_at() == expected.at);
      const Event popped = queue.pop();
      REQUIRE(popped.at == expected.at);
      REQUIRE(popped.tie == expected.tie);
    }
    CHECK(queue.empty());
  }
}

TEST_CASE("events that come while others leave find their places among those that are left") {
  SplitMix64 random(2);
  EventQueue queue;
  std::vector<Event> waiting;  // in order
  std::int64_t now = 0;
  for (std::uint32_t i = 0; i < 5000; ++i) {
    const bool fills = i / 500 % 2 == 0;
    if (waiting.empty() || random.next() % 8 < (fills ? 5 : 3)) {
      const Event pushed = event(now + static_cast<std::int64_t>(random.next() % 100), 0, i);
      queue.push(pushed);
      const auto goes_before = [](const Event& a, const Event& b) { return a.precedes(b); };
      waiting.insert(std::upper_bound(waiting.begin(), waiting.end(), pushed, goes_before), pushed);
    } else {
      const Event popped = queue.pop();
      REQUIRE(popped.tie == waiting.front().tie);
      now = popped.at.since_start().count();
      waiting.erase(waiting.begin());
    }
    REQUIRE(queue.empty() == waiting.empty());
    if (!waiting.empty()) REQUIRE(queue.next_at() == waiting.front().at);
  }
}

TEST_CASE("an empty queue's next event never comes") {
  CHECK(EventQueue().next_at() == Instant::never());
}

TEST_CASE("an event of the instant being handled is still handled in it, in its order") {
  EventQueue queue;
  queue.push(event(10, 0, 0));
  queue.push(event(10, 2, 0));
  queue.pop();
  queue.push(event(10, 1, 0));
  CHECK(queue.pop().tie.sender == ComponentId{1});
  CHECK(queue.pop().tie.sender == ComponentId{2});
}
