#pragma once

// The tag array of a sectored cache: 128-byte lines of four sectors that are valid, dirty or
// neither one by one. Least recently used replacement. Struct of arrays, because a lookup reads
// nothing but the tags of one set.

#include <algorithm>
#include <cstdint>
#include <vector>

#include "sim/base/check.h"
#include "sim/base/random.h"

namespace strobe::tags {

class SectoredTags {
 public:
  static constexpr std::uint32_t kNone = 0xFFFF'FFFF;

  SectoredTags(std::uint32_t sets, std::uint32_t ways) : ways_(ways) {
    const std::size_t slots = std::size_t{sets} * ways;
    lines_.resize(slots, kNoLine);
    last_use_.resize(slots, 0);
    states_.resize(slots);
    limit_sets(sets);
  }

  // Uses only the first `sets` sets from now on (an L1 that gives up capacity to shared memory) and
  // forgets everything.
  void limit_sets(std::uint32_t sets) {
    STROBE_CHECK(sets > 0 && ways_ > 0 && std::size_t{sets} * ways_ <= lines_.size());
    sets_ = sets;
    clear();
  }
  void clear() {
    std::fill(lines_.begin(), lines_.end(), kNoLine);
    std::fill(last_use_.begin(), last_use_.end(), 0);
    std::fill(states_.begin(), states_.end(), State{});
  }

  // The slot that holds `line`, or kNone.
  std::uint32_t find(std::uint64_t line) const {
    const std::size_t first = first_slot(line);
    for (std::size_t slot = first; slot < first + ways_; ++slot) {
      if (lines_[slot] == line) return static_cast<std::uint32_t>(slot);
    }
    return kNone;
  }

  // The slot to put `line` in: a free one, else the least recently used one that is not locked,
  // else kNone.
  std::uint32_t victim(std::uint64_t line) const {
    const std::size_t first = first_slot(line);
    std::uint32_t best = kNone;
    for (std::size_t slot = first; slot < first + ways_; ++slot) {
      if (lines_[slot] == kNoLine) return static_cast<std::uint32_t>(slot);
      if (states_[slot].locked) continue;
      if (best == kNone || last_use_[slot] < last_use_[best]) {
        best = static_cast<std::uint32_t>(slot);
      }
    }
    return best;
  }

  // Puts `line`, with no valid sector, in the place of whatever was in `slot`.
  void replace(std::uint32_t slot, std::uint64_t line) {
    lines_[slot] = line;
    states_[slot] = State{};
    touch(slot);
  }
  void touch(std::uint32_t slot) { last_use_[slot] = ++uses_; }

  bool holds_line(std::uint32_t slot) const { return lines_[slot] != kNoLine; }
  std::uint64_t line(std::uint32_t slot) const { return lines_[slot]; }
  std::uint8_t valid(std::uint32_t slot) const { return states_[slot].valid; }
  std::uint8_t dirty(std::uint32_t slot) const { return states_[slot].dirty; }
  void add_valid(std::uint32_t slot, std::uint8_t sectors) { states_[slot].valid |= sectors; }
  void remove_valid(std::uint32_t slot, std::uint8_t sectors) {
    states_[slot].valid &= static_cast<std::uint8_t>(~sectors);
  }
  void add_dirty(std::uint32_t slot, std::uint8_t sectors) { states_[slot].dirty |= sectors; }
  // A locked line waits for a fill and may not be replaced.
  void set_locked(std::uint32_t slot, bool locked) { states_[slot].locked = locked; }

 private:
  static constexpr std::uint64_t kNoLine = ~std::uint64_t{0};

  struct State {
    std::uint8_t valid = 0, dirty = 0;
    bool locked = false;
  };

  // Consecutive lines fill the sets evenly; each round over the sets starts at another one, so that
  // a stride does not fall on few of them. Any number of sets.
  std::size_t first_slot(std::uint64_t line) const {
    const std::uint64_t round = line / sets_, column = line % sets_;
    const std::uint64_t turn = ((mix64(round) >> 32) * sets_) >> 32;
    std::uint64_t set = column + turn;
    if (set >= sets_) set -= sets_;
    return static_cast<std::size_t>(set) * ways_;
  }

  std::uint64_t sets_ = 0;
  std::uint32_t ways_;
  std::uint64_t uses_ = 0;
  std::vector<std::uint64_t> lines_;
  std::vector<std::uint64_t> last_use_;
  std::vector<State> states_;
};

}  // namespace strobe::tags
