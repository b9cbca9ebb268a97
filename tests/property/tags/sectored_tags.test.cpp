// Against a cache that keeps every set as a list in the order of use.

#include "sim/tags/sectored_tags.h"

#include <list>
#include <map>

#include "tests/support/catch.h"

using namespace strobe;
using tags::SectoredTags;

namespace {

struct OracleLine {
  std::uint64_t line;
  std::uint8_t valid = 0, dirty = 0;
  bool locked = false;
};

// Which set a line belongs to is the tags' own secret: lines that meet in a set are found by asking
// for a victim in an empty array. Newest first.
class Oracle {
 public:
  explicit Oracle(std::uint32_t ways) : ways_(ways) {}

  std::list<OracleLine>& set(std::uint32_t number) { return sets_[number]; }
  OracleLine* find(std::uint32_t number, std::uint64_t line) {
    for (OracleLine& each : sets_[number]) {
      if (each.line == line) return &each;
    }
    return nullptr;
  }
  void touch(std::uint32_t number, std::uint64_t line) {
    std::list<OracleLine>& lines = sets_[number];
    for (auto each = lines.begin(); each != lines.end(); ++each) {
      if (each->line != line) continue;
      lines.splice(lines.begin(), lines, each);
      return;
    }
  }
  // The line that has to leave; null when there is room, `full` when all are locked.
  const OracleLine* leaver(std::uint32_t number, bool& full) {
    std::list<OracleLine>& lines = sets_[number];
    full = false;
    if (lines.size() < ways_) return nullptr;
    for (auto each = lines.rbegin(); each != lines.rend(); ++each) {
      if (!each->locked) return &*each;
    }
    full = true;
    return nullptr;
  }

 private:
  std::size_t ways_;
  std::map<std::uint32_t, std::list<OracleLine>> sets_;
};

struct Shape {
  std::uint32_t sets, ways;
};

void compare(const Shape& shape, std::uint64_t seed) {
  CAPTURE(shape.sets, shape.ways, seed);
  SectoredTags tags(shape.sets, shape.ways);
  const SectoredTags empty(shape.sets, shape.ways);
  const auto set_of = [&](std::uint64_t line) { return empty.victim(line) / shape.ways; };
  Oracle oracle(shape.ways);
  SplitMix64 random(seed);
  for (int i = 0; i < 4000; ++i) {
    const std::uint64_t line = random.next() % (std::uint64_t{shape.sets} * shape.ways * 3);
    const std::uint32_t set = set_of(line);
    const auto sectors = static_cast<std::uint8_t>(random.next() % 16);
    OracleLine* const expected = oracle.find(set, line);
    const std::uint32_t slot = tags.find(line);
    REQUIRE((slot != SectoredTags::kNone) == (expected != nullptr));
    if (expected == nullptr) {
      bool full = false;
      const OracleLine* leaver = oracle.leaver(set, full);
      const std::uint32_t victim = tags.victim(line);
      REQUIRE((victim == SectoredTags::kNone) == full);
      if (full) {
        for (OracleLine& each : oracle.set(set)) {
          each.locked = false;
          tags.set_locked(tags.find(each.line), false);
        }
        continue;
      }
      REQUIRE(tags.holds_line(victim) == (leaver != nullptr));
      if (leaver != nullptr) {
        REQUIRE(tags.line(victim) == leaver->line);
        REQUIRE(tags.valid(victim) == leaver->valid);
        REQUIRE(tags.dirty(victim) == leaver->dirty);
        const std::uint64_t leaving = leaver->line;
        oracle.set(set).remove_if([&](const OracleLine& each) { return each.line == leaving; });
      }
      tags.replace(victim, line);
      oracle.set(set).push_front({line});
      REQUIRE(tags.valid(victim) == 0);
      REQUIRE(tags.dirty(victim) == 0);
      continue;
    }
    REQUIRE(tags.line(slot) == line);
    switch (random.next() % 5) {
      case 0:
        tags.touch(slot);
        oracle.touch(set, line);
        break;
      case 1:
        tags.add_valid(slot, sectors);
        expected->valid |= sectors;
        break;
      case 2:
        tags.add_dirty(slot, sectors);
        expected->dirty |= sectors;
        break;
      case 3:
        tags.remove_valid(slot, sectors);
        expected->valid &= static_cast<std::uint8_t>(~sectors);
        break;
      default:
        tags.set_locked(slot, sectors % 2 == 0);
        expected->locked = sectors % 2 == 0;
    }
    REQUIRE(tags.valid(slot) == oracle.find(set, line)->valid);
    REQUIRE(tags.dirty(slot) == oracle.find(set, line)->dirty);
  }
}

}  // namespace

TEST_CASE("tags hold, replace and lock the lines that lists in the order of use would") {
  for (const Shape& shape : {Shape{1, 1}, {1, 4}, {3, 1}, {4, 4}, {7, 3}, {24, 16}}) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) compare(shape, seed);
  }
}

TEST_CASE("lines that follow each other fill all sets before they meet") {
  for (const std::uint32_t sets : {1u, 3u, 8u, 80u}) {
    SectoredTags tags(sets, 2);
    for (std::uint64_t line = 0; line < 2 * sets; ++line) {
      const std::uint32_t victim = tags.victim(line);
      REQUIRE_FALSE(tags.holds_line(victim));
      tags.replace(victim, line);
    }
    CHECK(tags.holds_line(tags.victim(2 * sets)));
  }
}

TEST_CASE("tags limited to fewer sets forget everything and use only those") {
  SectoredTags tags(8, 2);
  tags.replace(tags.victim(5), 5);
  tags.limit_sets(3);
  CHECK(tags.find(5) == SectoredTags::kNone);
  for (std::uint64_t line = 0; line < 1000; ++line) CHECK(tags.victim(line) < 3 * 2);
}
