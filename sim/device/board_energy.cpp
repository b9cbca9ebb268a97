#include "sim/device/board_energy.h"

#include <algorithm>

#include "sim/model/dram/energy.h"
#include "sim/model/sm/shared_banks.h"
#include "sim/wire/message.h"

namespace strobe::device {
namespace {

double joules(dram::Femtojoules energy) {
  return static_cast<double>(energy.count()) * 1e-15;
}

double volts(Millivolts voltage) {
  return static_cast<double>(voltage.count()) * 1e-3;
}

double seconds_of(Picoseconds time) {
  return static_cast<double>(time.count()) * 1e-12;
}

double bytes_of(std::uint64_t sectors) {
  return static_cast<double>(sectors * wire::kSectorBytes);
}

// Of the memory with all rows closed: part of what the board takes when it is idle.
double standby_power(const GpuSpec& gpu) {
  return static_cast<double>(gpu.memory.part.energy.standby.count()) * 1e-6 *
         static_cast<double>(gpu.memory.channels) *
         static_cast<double>(gpu.memory.part.geometry.pseudo_channels);
}

double watts(dram::Microwatts power) {
  return static_cast<double>(power.count()) * 1e-6;
}

double idle_power(const GpuSpec& gpu) {
  return idle_power_at(gpu.sm.clock, *gpu.energy);
}

// What flows on the board to deliver the rest.
void add_regulators(BoardEnergy& energy, const GpuSpec& gpu) {
  const double delivered = energy.total() - energy.idle;
  const double loss = gpu.energy->regulator_loss;
  energy.regulators = delivered * loss / (1 - loss);
}

// What a chip switches takes the square of its voltage.
double square_of_voltage(Kilohertz clock, const EnergySpec& spec) {
  const double ratio = voltage_at(clock, spec) / volts(spec.high_voltage);
  return ratio * ratio;
}

BoardEnergy energy_of_chip(const KernelResult& kernel, const GpuSpec& gpu) {
  const EnergySpec& spec = *gpu.energy;
  const sm::Counters& sm = kernel.sm;
  const l2::Counters& l2 = kernel.l2;
  const std::array<std::uint64_t, kLanePipeCount> lanes{sm.integer_lanes,    sm.fp32_lanes,
                                                        sm.fp16_lanes,       sm.fp64_lanes,
                                                        sm.conversion_lanes, sm.special_lanes};
  BoardEnergy energy;
  energy.sms = static_cast<double>(sm.active_cycles) * joules(spec.sm_cycle);
  energy.instructions = static_cast<double>(sm.warp_instructions) * joules(spec.instruction);
  for (std::size_t pipe = 0; pipe < kLanePipeCount; ++pipe) {
    energy.arithmetic += static_cast<double>(lanes[pipe]) * joules(spec.lanes[pipe]);
  }
  energy.tensor = static_cast<double>(sm.tensor_cycles) * joules(spec.tensor_cycle);
  energy.shared =
      static_cast<double>(sm.shared_passes) * sm::kBytesOfPass * joules(spec.shared_byte);
  energy.l1 = bytes_of(sm.global_load_sectors + sm.global_store_sectors + sm.local_load_sectors +
                       sm.local_store_sectors) *
              joules(spec.l1_byte);
  energy.l2 =
      bytes_of(l2.read_sectors + l2.write_sectors + l2.atomic_sectors) * joules(spec.l2_byte) +
      bytes_of(l2.far_read_sectors + l2.far_write_sectors) * joules(spec.crossing_byte);
  return energy * square_of_voltage(gpu.sm.clock, spec);
}

}  // namespace

double BoardEnergy::total() const {
  double sum = 0;
  for (const BoardEnergyShare& share : kBoardEnergyShares) sum += this->*share.energy;
  return sum;
}

BoardEnergy& BoardEnergy::operator+=(const BoardEnergy& other) {
  for (const BoardEnergyShare& share : kBoardEnergyShares) {
    this->*share.energy += other.*share.energy;
  }
  return *this;
}

BoardEnergy BoardEnergy::operator*(double times) const {
  BoardEnergy product;
  for (const BoardEnergyShare& share : kBoardEnergyShares) {
    product.*share.energy = this->*share.energy * times;
  }
  return product;
}

double voltage_at(Kilohertz clock, const EnergySpec& energy) {
  const double low = volts(energy.low_voltage), high = volts(energy.high_voltage);
  const auto above = static_cast<double>((clock - energy.low_clock).count());
  const auto range = static_cast<double>((energy.high_clock - energy.low_clock).count());
  return low + (high - low) * std::max(above, 0.0) / range;
}

double idle_power_at(Kilohertz clock, const EnergySpec& energy) {
  const double slow = watts(energy.idle_slow);
  const double cycles =
      static_cast<double>(clock.count()) / static_cast<double>(energy.high_clock.count());
  return slow + (watts(energy.idle) - slow) * cycles * square_of_voltage(clock, energy);
}

BoardEnergy work_of(const KernelResult& kernel, const GpuSpec& gpu) {
  // Counters are those of what was simulated, and of the write-backs after it; CTAs that were left
  // out are taken to do the same in the same time.
  const double simulated = std::max(seconds_of(kernel.simulated_time()), 1e-12);
  const double all = seconds_of(kernel.time() - kernel.left_out.rounds_time) / simulated;
  BoardEnergy energy = energy_of_chip(kernel, gpu);
  const dram::Energy memory =
      dram::energy_of(gpu.memory.part, gpu.memory.channels, kernel.dram, kernel.dram_time);
  energy.dram = memory.total() - standby_power(gpu) * seconds_of(kernel.dram_time);
  if (gpu.memory.link) {
    energy.link = bytes_of(kernel.l2.fill_sectors + kernel.l2.written_back_sectors) *
                  joules(gpu.energy->link_byte);
  }
  return energy * all;
}

BoardEnergy energy_of(const KernelResult& kernel, const GpuSpec& gpu) {
  BoardEnergy energy = work_of(kernel, gpu);
  energy += kernel.left_out.rounds_energy;
  energy.idle = idle_power(gpu) * seconds_of(kernel.time());
  add_regulators(energy, gpu);
  return energy;
}

BoardEnergy energy_of_waiting(double seconds, const GpuSpec& gpu) {
  BoardEnergy energy;
  energy.idle = idle_power(gpu) * seconds;
  return energy;
}

BoardEnergy energy_of_copy(double bytes, double seconds, const GpuSpec& gpu) {
  BoardEnergy energy;
  energy.link = bytes * joules(gpu.energy->host_byte);
  add_regulators(energy, gpu);
  energy.idle = idle_power(gpu) * seconds;
  return energy;
}

}  // namespace strobe::device
