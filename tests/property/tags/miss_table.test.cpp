// Against a table made of maps and lists.

#include "sim/tags/miss_table.h"

#include <list>
#include <map>

#include "tests/support/catch.h"

using namespace strobe;

namespace {

struct OracleEntry {
  std::uint32_t number;
  std::uint8_t asked = 0, arrived = 0;
  std::list<std::pair<int, std::uint8_t>> waiters;  // who, and for which sectors
};

using Table = tags::MissTable<int>;
using Oracle = std::map<std::uint64_t, OracleEntry>;

// Brings some of the sectors that are still to come.
void let_arrive(Table& table, Oracle& oracle, Oracle::iterator at, std::uint8_t some) {
  OracleEntry& entry = at->second;
  const auto sectors = static_cast<std::uint8_t>(entry.asked & ~entry.arrived & some);
  if (sectors == 0) return;
  entry.arrived |= sectors;
  std::vector<int> served, expected;
  entry.waiters.remove_if([&](const auto& waiter) {
    const bool is_served = (waiter.second & ~entry.arrived) == 0;
    if (is_served) expected.push_back(waiter.first);
    return is_served;
  });
  table.arrive(entry.number, sectors, [&](int waiter) { served.push_back(waiter); });
  REQUIRE(served == expected);
  if (entry.arrived == entry.asked) oracle.erase(at);
}

void compare(std::uint32_t lines, std::uint32_t waiters, std::uint64_t seed) {
  CAPTURE(lines, waiters, seed);
  Table table(lines, waiters);
  Oracle oracle;
  SplitMix64 random(seed);
  for (int i = 0; i < 5000; ++i) {
    const std::uint64_t line = random.next() % (std::uint64_t{lines} * 2);
    const auto sectors = static_cast<std::uint8_t>(1 + random.next() % 15);
    const auto found = oracle.find(line);
    REQUIRE((table.find(line) != Table::kNone) == (found != oracle.end()));
    std::size_t waiting = 0;
    for (const auto& [unused, entry] : oracle) waiting += entry.waiters.size();
    REQUIRE(table.lines_full() == (oracle.size() == lines));
    REQUIRE(table.waiters_full() == (waiting == waiters));
    REQUIRE(table.lines_used() == oracle.size());

    if (random.next() % 2 == 0) {
      if (found != oracle.end()) let_arrive(table, oracle, found, sectors);
      continue;
    }
    if (table.waiters_full() || (found == oracle.end() && table.lines_full())) continue;
    const std::uint32_t number = found != oracle.end() ? found->second.number : table.open(line);
    OracleEntry& entry = oracle.try_emplace(line, OracleEntry{number, 0, 0, {}}).first->second;
    REQUIRE(table.find(line) == entry.number);
    REQUIRE(table.line(entry.number) == line);
    table.ask(entry.number, sectors);
    entry.asked |= sectors;
    table.wait(entry.number, sectors, i);
    entry.waiters.emplace_back(i, sectors);
    REQUIRE(table.asked(entry.number) == entry.asked);
  }
}

}  // namespace

TEST_CASE("a miss table serves whom lists would, in their order, and forgets no line") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    compare(1, 1, seed);
    compare(2, 5, seed);
    compare(13, 40, seed);
    compare(64, 64, seed);
  }
}

TEST_CASE("lines are found while their neighbours in the table come and go") {
  Table table(64, 64);
  SplitMix64 random(1);
  std::map<std::uint64_t, std::uint32_t> open;
  for (int i = 0; i < 20'000; ++i) {
    const std::uint64_t line = random.next() % 100;
    const auto found = open.find(line);
    if (found != open.end()) {
      table.arrive(found->second, 1, [](int) {});
      open.erase(found);
    } else if (!table.lines_full()) {
      open[line] = table.open(line);
      table.ask(open[line], 1);
    }
    for (const auto& [each, number] : open) REQUIRE(table.find(each) == number);
  }
}

TEST_CASE("what is kept with a missing line is its own, and forgotten with the line") {
  Table table(2, 2);
  const std::uint32_t one = table.open(1, 17), two = table.open(2);
  CHECK(table.place(one) == 17);
  CHECK(table.place(two) == Table::kNone);
  table.ask(one, 1);
  REQUIRE(table.arrive(one, 1, [](int) {}));
  CHECK(table.place(table.open(3)) == Table::kNone);
}
