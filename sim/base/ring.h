#pragma once

// A first-in first-out queue of fixed capacity: memory is taken once, and being full is a fact the
// model has to deal with (back-pressure), not a reason to grow.

#include <cstddef>
#include <vector>

#include "sim/base/check.h"

namespace strobe {

template <class T>
class Ring {
 public:
  explicit Ring(std::size_t capacity) : items_(capacity) {}

  bool empty() const { return size_ == 0; }
  bool full() const { return size_ == items_.size(); }
  std::size_t size() const { return size_; }
  std::size_t capacity() const { return items_.size(); }

  void push(const T& item) {
    STROBE_ASSERT(!full());
    std::size_t end = head_ + size_;
    if (end >= items_.size()) end -= items_.size();
    items_[end] = item;
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
  void pop() {
    STROBE_ASSERT(!empty());
    if (++head_ == items_.size()) head_ = 0;
    --size_;
  }

 private:
  std::vector<T> items_;
  std::size_t head_ = 0, size_ = 0;
};

}  // namespace strobe
