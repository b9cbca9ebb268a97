#pragma once

// When CTAs were on their SMs, for a timeline. A grid may have millions and a timeline shows
// thousands: of each kernel the first ones are kept, up to an even share of the limit.

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "sim/base/units.h"

namespace strobe::device {

struct CtaSpan {
  std::uint32_t kernel = 0, sm = 0;  // numbers, of the run and of the GPU
  std::uint64_t cta = 0;             // in the order of launch
  Instant start, end;
};

class CtaLog {
 public:
  // Keeps `most` CTAs of `kernels` kernels; at least one of each.
  CtaLog(std::uint64_t most, std::uint64_t kernels)
      : share_(std::max<std::uint64_t>(most / std::max<std::uint64_t>(kernels, 1), 1)) {}

  void start_kernel() {
    ++kernels_;
    of_kernel_ = 0;
  }

  // A CTA that is known by `slot` until it is done reaches an SM.
  void launched(std::uint32_t slot, std::uint32_t sm, Instant at) {
    if (of_kernel_ == share_) return;
    if (slot >= under_way_.size()) under_way_.resize(slot + 1, kNone);
    under_way_[slot] = spans_.size();
    spans_.push_back({kernels_ - 1, sm, of_kernel_++, at, at});
  }
  void done(std::uint32_t slot, Instant at) {
    if (slot >= under_way_.size()) return;
    const std::size_t place = std::exchange(under_way_[slot], kNone);
    if (place != kNone) spans_[place].end = at;
  }

  std::vector<CtaSpan> take() { return std::move(spans_); }

 private:
  static constexpr std::size_t kNone = SIZE_MAX;

  std::uint64_t share_;
  std::uint32_t kernels_ = 0;
  std::uint64_t of_kernel_ = 0;
  std::vector<std::size_t> under_way_;  // place in spans_, by slot
  std::vector<CtaSpan> spans_;
};

}  // namespace strobe::device
