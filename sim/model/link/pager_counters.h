#pragma once

#include "sim/stats/counters.h"

namespace strobe::link {

struct PagerCounters {
  std::uint64_t faults = 0;
  std::uint64_t batches = 0;
  std::uint64_t bytes_to_device = 0;
  std::uint64_t bytes_to_host = 0;
};

inline constexpr stats::Described<PagerCounters> kPagerCounterTable[] = {
    {"faults", stats::Unit::requests, "faults on 4 KiB of managed memory that SMs reported",
     &PagerCounters::faults},
    {"batches", stats::Unit::requests, "batches in which the host's driver took them up",
     &PagerCounters::batches},
    {"bytes_to_device", stats::Unit::bytes, "bytes of managed memory that moved to the device",
     &PagerCounters::bytes_to_device},
    {"bytes_to_host", stats::Unit::bytes, "bytes that had to leave the device to make room",
     &PagerCounters::bytes_to_host},
};
static_assert(stats::describes_every_counter(kPagerCounterTable));

}  // namespace strobe::link
