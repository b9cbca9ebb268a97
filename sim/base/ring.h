#pragma once

// A first-in first-out queue with a limit: being full is a fact the model has to deal with
// (back-pressure), not a reason to grow. Memory follows the most that was ever queued, because the
// limit of many queues is the sum of all credits in the machine and hardly ever comes near.

#include <algorithm>
#include <bit>
#include <cstddef>
#include <vector>

#include "sim/base/check.h"

namespace strobe {

template <class T>
class Ring {
 public:
  explicit Ring(std::size_t limit)
      : limit_(limit), items_(std::bit_ceil(std::clamp<std::size_t>(limit, 1, kFirstPlaces))) {}

  bool empty() const { return size_ == 0; }
  bool full() const { return size_ == limit_; }
  std::size_t size() const { return size_; }
  std::size_t capacity() const { return limit_; }

  // REQUIRES: not full().
  void push(const T& item) {
    STROBE_CHECK(!full());
    if (size_ == items_.size()) grow();
    items_[(head_ + size_) & (items_.size() - 1)] = item;
    ++size_;
  }
  T& front() {
    STROBE_ASSERT(!empty());
    return items_[head_];
  }
  const T& front() const {
    STROBE_ASSERT(!empty());
    return items_[head_];
  }
  // The i-th from the front.
  T& operator[](std::size_t i) {
    STROBE_ASSERT(i < size_);
    return items_[(head_ + i) & (items_.size() - 1)];
  }
  void pop() {
    STROBE_ASSERT(!empty());
    head_ = (head_ + 1) & (items_.size() - 1);
    --size_;
  }

 private:
  static constexpr std::size_t kFirstPlaces = 16;

  void grow() {
    std::rotate(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(head_), items_.end());
    head_ = 0;
    items_.resize(items_.size() * 2);
  }

  std::size_t limit_;
  std::vector<T> items_;  // a power of two of them
  std::size_t head_ = 0, size_ = 0;
};

}  // namespace strobe
