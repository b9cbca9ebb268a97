#pragma once

// What an SM knows of managed memory: which blocks of it are on the device, as the host's driver
// told it, and the requests that wait until theirs are. A request waits beyond the SM's port, with
// the credit that it holds, so that it holds up nothing behind it.

#include <algorithm>
#include <cstdint>
#include <vector>

#include "sim/kernel/event_queue.h"
#include "sim/wire/pages.h"

namespace strobe::sm {

struct ParkedRequest {
  wire::Message message;
  std::uint64_t line = 0;  // of the whole address space, unlike the message's
  ComponentId slice;
  Instant since;
};

class ManagedPages {
 public:
  bool are_there(std::uint64_t line) {
    const std::uint64_t region = wire::region_of_line(line);
    if (region != last_region_) look_up(region);
    return (last_blocks_ & wire::block_of_line(line)) != 0;
  }

  // Whether nobody here waits for the page yet, so that its fault has to be reported.
  bool park(const ParkedRequest& request);

  void come(std::uint64_t region, wire::BlockMask blocks);
  void go(std::uint64_t region, wire::BlockMask blocks);

  // Calls `visit` with every request that waited for a block which is there now, in the order in
  // which they began to, and forgets them.
  template <class Visit>
  void release(const Visit& visit) {
    const auto still = std::stable_partition(
        parked_.begin(), parked_.end(),
        [this](const ParkedRequest& request) { return !are_there(request.line); });
    const std::vector<ParkedRequest> free(still, parked_.end());
    parked_.erase(still, parked_.end());
    for (const ParkedRequest& request : free) visit(request);
  }

  bool nobody_waits() const { return parked_.empty(); }

 private:
  struct Region {
    std::uint64_t number;
    wire::BlockMask blocks;
  };

  void look_up(std::uint64_t region);
  wire::BlockMask& blocks_of(std::uint64_t region);

  std::vector<Region> regions_;  // sorted
  std::uint64_t last_region_ = ~std::uint64_t{0};
  wire::BlockMask last_blocks_ = 0;
  std::vector<ParkedRequest> parked_;
};

}  // namespace strobe::sm
