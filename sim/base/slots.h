#pragma once

// Numbered places for things in flight. A free place is found and given back in constant time; the
// last one given back is the first reused, so a lightly loaded table stays in the cache. Memory
// follows the most that were ever in use at once, because limits are worst cases that most runs
// never come near.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/base/check.h"

namespace strobe {

template <class T>
class Slots {
 public:
  explicit Slots(std::uint32_t capacity) : capacity_(capacity) {}

  bool full() const { return used() == capacity_; }
  std::uint32_t used() const { return static_cast<std::uint32_t>(items_.size() - free_.size()); }
  std::uint32_t capacity() const { return capacity_; }

  // REQUIRES: not full(). The item keeps whatever its last user left in it; references to other
  // items may no longer hold.
  std::uint32_t take() {
    STROBE_ASSERT(!full());
    if (free_.empty()) {
      items_.emplace_back();
      return static_cast<std::uint32_t>(items_.size()) - 1;
    }
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    return slot;
  }
  void give_back(std::uint32_t slot) {
    STROBE_ASSERT(free_.size() < items_.size());
    free_.push_back(slot);
  }
  T& operator[](std::uint32_t slot) { return items_[slot]; }
  const T& operator[](std::uint32_t slot) const { return items_[slot]; }

 private:
  std::uint32_t capacity_;
  std::vector<T> items_;
  std::vector<std::uint32_t> free_;
};

}  // namespace strobe
