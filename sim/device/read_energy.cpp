#include "sim/device/read_energy.h"

#include "sim/model/sm/spec.h"

namespace strobe::device {

EnergySpec read_energy(Section section, const GpuSpec& gpu) {
  using dram::Femtojoules;
  EnergySpec spec;
  spec.idle = section.quantity<dram::Microwatts>("idle");
  spec.idle_slow = section.optional("idle_slow") != nullptr
                       ? section.quantity<dram::Microwatts>("idle_slow")
                       : spec.idle;
  spec.low_clock = section.quantity<Kilohertz>("low_clock");
  spec.low_voltage = section.quantity<Millivolts>("low_voltage");
  spec.high_clock = section.quantity<Kilohertz>("high_clock");
  spec.high_voltage = section.quantity<Millivolts>("high_voltage");
  spec.sm_cycle = section.quantity<Femtojoules>("sm_cycle");
  spec.instruction = section.quantity<Femtojoules>("instruction");
  for (std::size_t pipe = 0; pipe < kLanePipeCount; ++pipe) {
    spec.lanes[pipe] = section.quantity<Femtojoules>(sm::kPipeNames[pipe]);
  }
  spec.tensor_cycle = section.quantity<Femtojoules>("tensor_cycle", 0);
  spec.shared_byte = section.quantity<Femtojoules>("shared_byte");
  spec.l1_byte = section.quantity<Femtojoules>("l1_byte");
  spec.l2_byte = section.quantity<Femtojoules>("l2_byte");
  if (gpu.l2.crossing) spec.crossing_byte = section.quantity<Femtojoules>("crossing_byte");
  if (gpu.memory.link) spec.link_byte = section.quantity<Femtojoules>("link_byte");
  if (!gpu.host.unified) spec.host_byte = section.quantity<Femtojoules>("host_byte");
  spec.regulator_loss =
      static_cast<double>(section.quantity<PartsPerMillion>("regulator_loss").count()) * 1e-6;
  section.close();
  return spec;
}

}  // namespace strobe::device
