#include "sim/kernel/engine.h"

#include <array>
#include <atomic>
#include <stdexcept>

#include "tests/support/catch.h"
#include "tests/support/print_units.h"

using namespace strobe;

namespace {

constexpr Picoseconds kFlight = 100_ps;

// Passes a ball on to another partition, one hop each flight time, until it has hopped enough.
struct Hopper {
  std::vector<Hopper>* all = nullptr;
  std::uint32_t next = 0;  // who gets the ball
  Picoseconds flight;
  Instant due = Instant::never();  // when the ball is here
  std::int64_t* hops = nullptr;
  std::int64_t most_hops = 0;
  std::vector<Instant> windows;  // their ends
  bool has_sent = false;
  Instant sent_for;

  Instant next_at() const { return due; }
  void run_until(Instant end) {
    REQUIRE(due < end);
    windows.push_back(end);
    if (++*hops < most_hops) {
      has_sent = true;
      sent_for = due + flight;
    }
    due = Instant::never();
  }
  void hand_over(NextEvents& events) {
    if (has_sent) {
      (*all)[next].due = sent_for;
      events.arrive(next, sent_for);
    }
    has_sent = false;
  }
};

constexpr Instant at(std::int64_t ps) {
  return Instant(Picoseconds(ps));
}

}  // namespace

TEST_CASE("the engine hands over what crosses partitions and returns when nothing is left") {
  std::vector<Hopper> hoppers(3);
  std::int64_t hops = 0;
  for (std::uint32_t i = 0; i < hoppers.size(); ++i) {
    hoppers[i] = {&hoppers, (i + 1) % 3, kFlight, Instant::never(), &hops, 1000, {}, false, {}};
  }
  hoppers[1].due = at(7);
  Executor executor(2);
  run(std::span<Hopper>(hoppers), Sides({3}, {{0, 0, kFlight}}), executor);
  CHECK(hops == 1000);
}

TEST_CASE("a side runs on until its own messages or another side's could reach it") {
  // 0 and 1 are a side, 2 is the other; there and back again takes 30 + 50 ps.
  std::vector<Hopper> hoppers(3);
  std::int64_t hops = 0;
  hoppers[0] = {&hoppers, 2, 30_ps, at(10), &hops, 3, {}, false, {}};
  hoppers[1] = {&hoppers, 2, 30_ps, at(1000), &hops, 3, {}, false, {}};
  hoppers[2] = {&hoppers, 0, 50_ps, Instant::never(), &hops, 3, {}, false, {}};
  Executor executor(1);
  run(std::span<Hopper>(hoppers), Sides({2, 1}, {{0, 1, 30_ps}, {1, 0, 50_ps}}), executor);
  CHECK(hoppers[0].windows == std::vector<Instant>{at(10 + 80), at(90 + 80)});
  CHECK(hoppers[1].windows == std::vector<Instant>{at(1000 + 80)});
  CHECK(hoppers[2].windows == std::vector<Instant>{at(40 + 80)});
}

TEST_CASE("a side stops short of what another side may yet send it") {
  std::vector<Hopper> hoppers(2);
  std::int64_t hops = 0;
  hoppers[0] = {&hoppers, 1, 1000_ps, at(10), &hops, 1, {}, false, {}};
  hoppers[1] = {&hoppers, 0, 1000_ps, at(15), &hops, 1, {}, false, {}};
  Executor executor(1);
  run(std::span<Hopper>(hoppers), Sides({1, 1}, {{0, 1, 1000_ps}, {1, 0, 20_ps}}), executor);
  CHECK(hoppers[0].windows == std::vector<Instant>{at(15 + 20)});
  CHECK(hoppers[1].windows == std::vector<Instant>{at(15 + 1020)});
}

TEST_CASE("who reaches whom how soon is the shortest way, back to itself included") {
  const Sides sides({4, 2, 1}, {{0, 1, 10_ps}, {1, 2, 5_ps}, {2, 0, 7_ps}, {0, 2, 30_ps}});
  CHECK(sides.begin(1) == 4);
  CHECK(sides.end(1) == 6);
  CHECK(sides.reach(0, 2) == 15_ps);
  CHECK(sides.reach(0, 0) == 22_ps);
  CHECK(sides.reach(1, 1) == 22_ps);
  CHECK(sides.reach(2, 1) == 17_ps);
  const Sides apart({1, 1}, {{0, 1, 10_ps}});
  CHECK(apart.reach(1, 0) == Sides::kNoFlight);
  CHECK(apart.reach(0, 0) == Sides::kNoFlight);
}

TEST_CASE("every piece of work is done once on any number of threads") {
  for (const int threads : {1, 2, 3, 8}) {
    Executor executor(threads);
    std::array<std::atomic<int>, 100> done{};
    executor.for_each_index(done.size(), [&](std::size_t i) { ++done[i]; });
    for (const auto& times : done) CHECK(times == 1);
  }
}

TEST_CASE("what a piece of work throws is thrown again to whoever asked for it") {
  for (const int threads : {1, 2, 3}) {
    Executor executor(threads);
    const auto fail = [](std::size_t i) {
      if (i == 5) throw std::runtime_error("five");
    };
    CHECK_THROWS_WITH(executor.for_each_index(10, fail), "five");
  }
}
