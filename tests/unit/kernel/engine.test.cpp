#include "sim/kernel/engine.h"

#include <array>
#include <atomic>
#include <stdexcept>

#include "tests/support/catch.h"
#include "tests/support/print_units.h"

using namespace strobe;

namespace {

constexpr Picoseconds kFlight = 100_ps;

// Passes a number round a ring of partitions, one hop each flight time, until it has hopped enough.
struct Hopper {
  std::vector<Hopper>* all = nullptr;
  std::size_t number = 0;
  Instant due = Instant::never();  // when the ball is here
  std::int64_t* hops = nullptr;
  std::int64_t most_hops = 0;
  bool has_sent = false;
  Instant sent_for;

  Instant next_at() const { return due; }
  void run_until(Instant end) {
    REQUIRE(due < end);
    if (++*hops < most_hops) {
      has_sent = true;
      sent_for = due + kFlight;
    }
    due = Instant::never();
  }
  void hand_over() {
    if (has_sent) (*all)[(number + 1) % all->size()].due = sent_for;
    has_sent = false;
  }
};

}  // namespace

TEST_CASE("the engine hands over what crosses partitions and returns when nothing is left") {
  std::vector<Hopper> hoppers(3);
  std::int64_t hops = 0;
  for (std::size_t i = 0; i < hoppers.size(); ++i) {
    hoppers[i] = {&hoppers, i, Instant::never(), &hops, 1000, false, {}};
  }
  hoppers[1].due = Instant(7_ps);
  Executor executor(2);
  run(std::span<Hopper>(hoppers), kFlight, executor);
  CHECK(hops == 1000);
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
