#include "sim/device/cpu_load.h"

#include "sim/base/error.h"
#include "sim/device/quantity_text.h"

namespace strobe::device {

void set_cpu_load(GpuSpec& gpu, BytesPerSecond load) {
  if (!gpu.memory.cpu) {
    throw UserError("--cpu-load: " + gpu.name +
                    " has memory of its own, on which no CPU works: it is for GPUs with unified "
                    "memory (gb10, m2-max-38c, ...)");
  }
  const std::int64_t shares =
      std::int64_t{gpu.memory.channels} * gpu.memory.part.geometry.pseudo_channels;
  const BytesPerSecond pins = gpu.memory.part.peak_of_pseudo_channel();
  if (load.count() / shares > pins.count()) {
    throw UserError("--cpu-load: the memory of " + gpu.name + " moves at most " +
                    quantity_text(pins.count() * shares, Dimension::bandwidth));
  }
  gpu.memory.cpu->load = BytesPerSecond(load.count() / shares);
}

}  // namespace strobe::device
