#include "sim/device/mig.h"

#include <algorithm>

#include "sim/base/error.h"

namespace strobe::device {

GpuSpec mig_instance(const GpuSpec& gpu, const std::string& profile) {
  const auto found = std::ranges::find(gpu.mig, profile, &MigProfile::name);
  if (found == gpu.mig.end()) {
    std::string known;
    for (const MigProfile& one : gpu.mig) known += (known.empty() ? "; it has " : ", ") + one.name;
    throw UserError(gpu.name + " has no MIG profile '" + profile + "'" +
                    (known.empty() ? ": it cannot be divided" : known));
  }
  constexpr std::uint32_t kWhole = 8;
  const std::uint32_t share = found->memory_eighths;
  GpuSpec instance = gpu;
  instance.name += ":" + profile;
  instance.title += ", MIG " + profile;
  instance.sms = found->sms;
  instance.slices = gpu.slices * share / kWhole;
  instance.memory.channels = gpu.memory.channels * share / kWhole;
  instance.memory.capacity = gpu.memory.capacity / kWhole * share;
  // Up to half of the memory is that of one L2 partition.
  if (share <= kWhole / 2) instance.l2.crossing.reset();
  return instance;
}

}  // namespace strobe::device
