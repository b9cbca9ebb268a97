// Against a cache that keeps every set as a list in the order of use.

#include "sim/tags/sectored_tags.h"

#include <list>
#include <map>
#include <set>

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

// Tags and lists side by side, driven by the same random numbers.
class Comparison {
 public:
  Comparison(const Shape& shape, std::uint64_t seed)
      : shape_(shape),
        tags_(shape.sets, shape.ways),
        empty_(shape.sets, shape.ways),
        oracle_(shape.ways),
        random_(seed) {}

  void step() {
    const std::uint64_t line = random_.next() % (std::uint64_t{shape_.sets} * shape_.ways * 3);
    const std::uint32_t set = empty_.victim(SectoredTags::Home(empty_, line)) / shape_.ways;
    const std::uint32_t slot = tags_.find(line);
    OracleLine* const expected = oracle_.find(set, line);
    REQUIRE((slot != SectoredTags::kNone) == (expected != nullptr));
    if (expected == nullptr) return place(set, line);
    REQUIRE(tags_.line(slot) == line);
    change(set, slot, *expected);
    REQUIRE(tags_.valid(slot) == oracle_.find(set, line)->valid);
    REQUIRE(tags_.dirty(slot) == oracle_.find(set, line)->dirty);
  }

 private:
  void place(std::uint32_t set, std::uint64_t line) {
    bool full = false;
    const OracleLine* leaver = oracle_.leaver(set, full);
    const std::uint32_t victim = tags_.victim(SectoredTags::Home(tags_, line));
    REQUIRE((victim == SectoredTags::kNone) == full);
    if (full) return unlock(set);
    REQUIRE(tags_.holds_line(victim) == (leaver != nullptr));
    if (leaver != nullptr) {
      REQUIRE(tags_.line(victim) == leaver->line);
      REQUIRE(tags_.valid(victim) == leaver->valid);
      REQUIRE(tags_.dirty(victim) == leaver->dirty);
      const std::uint64_t leaving = leaver->line;
      oracle_.set(set).remove_if([&](const OracleLine& each) { return each.line == leaving; });
    }
    tags_.replace(victim, SectoredTags::Home(tags_, line));
    oracle_.set(set).push_front({line});
    REQUIRE(tags_.valid(victim) == 0);
    REQUIRE(tags_.dirty(victim) == 0);
  }

  void unlock(std::uint32_t set) {
    for (OracleLine& each : oracle_.set(set)) {
      each.locked = false;
      tags_.set_mark(tags_.find(each.line), SectoredTags::kLocked, false);
    }
  }

  void change(std::uint32_t set, std::uint32_t slot, OracleLine& expected) {
    const auto sectors = static_cast<std::uint8_t>(random_.next() % 16);
    switch (random_.next() % 5) {
      case 0:
        tags_.touch(slot);
        return oracle_.touch(set, expected.line);
      case 1:
        tags_.add_valid(slot, sectors);
        expected.valid |= sectors;
        return;
      case 2:
        tags_.set_dirty(slot, static_cast<std::uint8_t>(tags_.dirty(slot) | sectors));
        expected.dirty |= sectors;
        return;
      case 3:
        tags_.remove_valid(slot, sectors);
        expected.valid &= static_cast<std::uint8_t>(~sectors);
        return;
      default:
        tags_.set_mark(slot, SectoredTags::kLocked, sectors % 2 == 0);
        expected.locked = sectors % 2 == 0;
    }
  }

  Shape shape_;
  SectoredTags tags_;
  const SectoredTags empty_;  // tells a line's set
  Oracle oracle_;
  SplitMix64 random_;
};

}  // namespace

TEST_CASE("tags hold, replace and lock the lines that lists in the order of use would") {
  for (const Shape& shape :
       {Shape{1, 1}, {1, 4}, {3, 1}, {4, 4}, {7, 3}, {24, 16}, {3, 24}, {2, 33}, {2, 64}}) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      CAPTURE(shape.sets, shape.ways, seed);
      Comparison comparison(shape, seed);
      for (int i = 0; i < 4000; ++i) comparison.step();
    }
  }
}

TEST_CASE("lines that follow each other fill all sets before they meet") {
  for (const std::uint32_t sets : {1u, 3u, 8u, 80u}) {
    SectoredTags tags(sets, 2);
    for (std::uint64_t line = 0; line < 2 * sets; ++line) {
      const std::uint32_t victim = tags.victim(SectoredTags::Home(tags, line));
      REQUIRE_FALSE(tags.holds_line(victim));
      tags.replace(victim, SectoredTags::Home(tags, line));
    }
    CHECK(tags.holds_line(tags.victim(SectoredTags::Home(tags, 2 * sets))));
  }
}

TEST_CASE("tags limited to fewer sets forget everything and use only those") {
  SectoredTags tags(8, 2);
  tags.replace(tags.victim(SectoredTags::Home(tags, 5)), SectoredTags::Home(tags, 5));
  tags.limit_sets(3);
  CHECK(tags.find(5) == SectoredTags::kNone);
  std::set<std::uint32_t> victims;
  for (std::uint64_t line = 0; line < 1000; ++line)
    victims.insert(tags.victim(SectoredTags::Home(tags, line)));
  CHECK(victims.size() == 3);  // a free place of each set
}
