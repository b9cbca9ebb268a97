#include "sim/model/dram/data_clock.h"

#include "sim/model/dram/rules.h"

namespace strobe::dram {

namespace {
constexpr Cycles kForEver{std::int64_t{1} << 56};
}  // namespace

DataClock::DataClock(const PartSpec& part)
    : runs_on_{kForEver, kForEver},
      runs_until_(part.data_clock ? Cycles(-1) : kForEver),
      stops_(part.data_clock.has_value()) {
  if (!part.data_clock) return;
  runs_on_ = {parse_wait(part, part.data_clock->after_read).cycles,
              parse_wait(part, part.data_clock->after_write).cycles};
}

}  // namespace strobe::dram
