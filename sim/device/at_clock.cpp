#include "sim/device/at_clock.h"

namespace strobe::device {

GpuSpec at_clock(GpuSpec gpu, Kilohertz clock) {
  const Kilohertz own = gpu.sm.clock;
  if (clock == own) return gpu;
  const auto stretch = [&](Picoseconds& time) {
    time = Picoseconds(time.count() * own.count() / clock.count());
  };
  gpu.sm.clock = clock;
  if (gpu.l2_follows_sms) {
    gpu.l2.clock = Kilohertz(gpu.l2.clock.count() * clock.count() / own.count());
    stretch(gpu.l2.hit_latency);
    if (gpu.l2.crossing) stretch(gpu.l2.crossing->latency);
  }
  if (gpu.crossbar.clock == own) {
    gpu.crossbar.clock = clock;
    stretch(gpu.crossbar.request_latency);
    stretch(gpu.crossbar.reply_latency);
  }
  return gpu;
}

}  // namespace strobe::device
