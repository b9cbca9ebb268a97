#pragma once

// A host that calls one operator after another, each an interval after the one before at least,
// and a GPU that takes their kernels from a queue without end. Both begin idle, and the first call
// arrives an interval later.

#include <algorithm>

namespace strobe::networks {

class HostQueue {
 public:
  explicit HostQueue(double interval) : interval_(interval) {}

  // The next call's kernels keep the GPU busy for so long. How long it has waited for the call.
  double call(double busy) {
    host_ += interval_;
    const double wait = std::max(host_ - gpu_, 0.0);
    gpu_ += wait + busy;
    return wait;
  }

 private:
  double interval_, host_ = 0, gpu_ = 0;
};

}  // namespace strobe::networks
