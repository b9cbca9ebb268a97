#include "sim/device/managed_memory.h"

#include "sim/base/error.h"

namespace strobe::device {

void manage_memory(GpuSpec& gpu) {
  if (gpu.host.unified) {
    throw UserError("--managed: " + gpu.name +
                    " shares its memory with the host, nothing has to move: it is for GPUs with "
                    "memory of their own (v100-pcie-16gb, rtx-4090, ...)");
  }
  if (!gpu.host.managed) {
    throw UserError("--managed: the config of " + gpu.name +
                    " has no [host.managed], which says how pages move");
  }
  gpu.host.managed->on = true;
}

}  // namespace strobe::device
