#pragma once

// The CTAs in flight: filled by whoever reads the trace, replayed by SMs, filled again. A CTA goes
// from one to the other as the number of its place here.

#include <algorithm>
#include <cstdint>
#include <vector>

#include "sim/base/check.h"
#include "sim/trace/kernel_trace.h"

namespace strobe::trace {

class CtaPool {
 public:
  // Makes room for `capacity` CTAs. REQUIRES: none is in flight.
  void reserve(std::uint32_t capacity) {
    STROBE_CHECK(free_.size() == ctas_.size());
    for (auto i = static_cast<std::uint32_t>(ctas_.size()); i < capacity; ++i) free_.push_back(i);
    ctas_.resize(std::max<std::size_t>(capacity, ctas_.size()));
  }

  // REQUIRES: fewer than the capacity are in flight.
  std::uint32_t take() {
    STROBE_CHECK(!free_.empty());
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    return slot;
  }
  void give_back(std::uint32_t slot) { free_.push_back(slot); }

  Cta& operator[](std::uint32_t slot) { return ctas_[slot]; }
  const Cta& operator[](std::uint32_t slot) const { return ctas_[slot]; }

 private:
  std::vector<Cta> ctas_;
  std::vector<std::uint32_t> free_;
};

}  // namespace strobe::trace
