#pragma once

// What the L2 holds as a step goes on, tensor by tensor: the last ones that were touched, as far as
// they fit. It decides with which contents each operation is simulated. A tensor goes through
// whole, from its beginning to its end, so that of one that does not fit the end is left.

#include <cstdint>
#include <vector>

#include "sim/networks/step.h"

namespace strobe::networks {

struct HeldTensor {
  std::size_t tensor = 0;
  std::uint64_t bytes = 0;
  bool dirty = false;
};

class L2Ledger {
 public:
  explicit L2Ledger(std::uint64_t capacity) : capacity_(capacity) {}

  // The operation reads and writes its tensors.
  void run(const Step& step, const Operation& operation);

  // From the least recently used on.
  const std::vector<HeldTensor>& held() const { return held_; }

 private:
  void touch(std::size_t tensor, std::uint64_t bytes, bool written);

  std::uint64_t capacity_;
  std::vector<HeldTensor> held_;
};

// What the L2 holds when each operation starts, in a step that came after another one.
std::vector<std::vector<HeldTensor>> contents_before_each(const Step& step, std::uint64_t capacity);

}  // namespace strobe::networks
