#include "sim/model/dram/energy.h"

namespace strobe::dram {

namespace {

double joules(std::uint64_t times, Femtojoules each) {
  return static_cast<double>(times) * static_cast<double>(each.count()) * 1e-15;
}

double watts(Microwatts power) {
  return static_cast<double>(power.count()) * 1e-6;
}

}  // namespace

Energy energy_of(const PartSpec& part, std::uint32_t channels, const Counters& counters,
                 Picoseconds time) {
  const EnergySpec& spec = part.energy;
  const double commands_of_refresh =
      static_cast<double>(part.geometry.banks()) / static_cast<double>(part.refresh.banks_at_once);
  const double pseudo_channel_seconds = static_cast<double>(time.count()) * 1e-12 *
                                        static_cast<double>(channels) *
                                        static_cast<double>(part.geometry.pseudo_channels);
  const double open_seconds = static_cast<double>(counters.open_cycles) /
                              (static_cast<double>(part.command_clock().count()) * 1e3);
  Energy energy;
  energy.activate = joules(counters.activates, spec.activate);
  energy.read = joules(counters.reads, spec.read);
  energy.write = joules(counters.writes, spec.write);
  energy.pins = joules(counters.reads, spec.read_pins) + joules(counters.writes, spec.write_pins);
  energy.refresh = joules(counters.refresh_alls, spec.refresh) +
                   joules(counters.refresh_banks, spec.refresh) / commands_of_refresh;
  energy.standby = pseudo_channel_seconds * watts(spec.standby) +
                   open_seconds * watts(spec.standby_open - spec.standby);
  return energy;
}

}  // namespace strobe::dram
