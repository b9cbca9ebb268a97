// The memory side of a machine: L2 slices, what banks of a system-level cache there are between
// them and the DRAM, and the DRAM's channels, each with the numbers of those it talks to.

#include <algorithm>

#include "sim/device/machine.h"

namespace strobe::device {
namespace {

// Of as many shares.
std::optional<LinkShare> link_share(const MemorySpec& memory, std::uint32_t shares) {
  if (!memory.link) return std::nullopt;
  constexpr std::int64_t kPortBytes = 16;
  const std::int64_t share = memory.link->bandwidth.count() / shares;
  const wire::Port port(Kilohertz(share / kPortBytes / 1000), kPortBytes);
  return LinkShare{port, port, memory.link->header_bytes, memory.link->packet_bytes};
}

// In a row of every bank group, side by side in dram/mapping.h.
std::uint32_t row_lines(const dram::Geometry& geometry) {
  const auto row = static_cast<std::uint32_t>(geometry.row.count());
  return row / static_cast<std::uint32_t>(wire::kLineBytes) * geometry.bank_groups;
}

// What a cache may have under way to the memory in one direction.
std::uint32_t most_requests_of(const l2::Spec& cache, std::uint32_t lines_of_row) {
  return std::max(cache.miss_lines * wire::kSectorsPerLine, cache.write_backs + lines_of_row);
}

// That it may have under way in a pseudo-channel.
std::uint32_t lines_of_cpu(const GpuSpec& gpu) {
  return has_cpu_load(gpu) ? gpu.memory.cpu->lines_in_flight : 0;
}

}  // namespace

void Machine::build_slices() {
  for (std::uint32_t i = 0; i < spec_.slices; ++i) {
    const l2::Wiring wiring = slice_wiring(i);
    partitions_[directory_.of(wiring.self).partition].slices.emplace_back(spec_.l2, wiring);
  }
}

l2::Wiring Machine::slice_wiring(std::uint32_t slice) const {
  const CrossbarSpec& crossbar = spec_.crossbar;
  const std::uint32_t sharing = spec_.slices / pseudo_channels();
  const std::uint32_t credits_of_sm =
      spec_.sm.l1.miss_lines * wire::kSectorsPerLine + spec_.sm.l1.store_lines;
  const std::uint32_t credits_of_mirror = spec_.l2.miss_lines * wire::kSectorsPerLine;
  const std::uint32_t below = spec_.memory.system_cache
                                  ? first_bank_.value + slice / sharing
                                  : first_channel_.value + slice / slices_per_channel_;
  return {ComponentId{first_slice_.value + slice},
          ComponentId{below},
          host_link_id_,
          wire::Port(crossbar.clock, crossbar.slice_request_bytes_per_cycle),
          wire::Port(crossbar.clock, crossbar.slice_reply_bytes_per_cycle),
          crossbar.header_bytes,
          crossbar.reply_latency,
          credits_of_sm * spec_.sms + spec_.host.lines_in_flight + credits_of_mirror,
          sharing,
          slice % sharing,
          spec_.memory.interleave / wire::kLineBytes,
          row_lines(spec_.memory.part.geometry),
          crossing_of(slice)};
}

std::optional<l2::Crossing> Machine::crossing_of(std::uint32_t slice) const {
  if (!spec_.l2.crossing) return std::nullopt;
  const l2::CrossingSpec& crossing = *spec_.l2.crossing;
  return l2::Crossing{ComponentId{first_slice_.value + sides_.mirror(slice)},
                      wire::Port(spec_.crossbar.clock, crossing.bytes_per_cycle), crossing.latency};
}

// The banks are on the memory's side of a link between the dies, so it ends at their ports.
void Machine::build_system_caches() {
  if (!spec_.memory.system_cache) return;
  const l2::Spec& bank = *spec_.memory.system_cache;
  const std::uint32_t pseudo_channels_of_channel = spec_.memory.part.geometry.pseudo_channels;
  const std::uint32_t row = row_lines(spec_.memory.part.geometry);
  const std::uint32_t sharing = spec_.slices / pseudo_channels();
  const std::optional<LinkShare> link = link_share(spec_.memory, pseudo_channels());
  const wire::Port port(bank.clock, bank.bytes_per_cycle);
  for (std::uint32_t i = 0; i < pseudo_channels(); ++i) {
    const ComponentId self{first_bank_.value + i};
    l2::Wiring wiring{self,
                      ComponentId{first_channel_.value + i / pseudo_channels_of_channel},
                      host_link_id_,
                      link ? link->to_memory : port,
                      link ? link->to_l2 : port,
                      link ? link->header_bytes : 0,
                      Picoseconds(spec_.l2.dram_path.count() / 2),
                      2 * sharing * most_requests_of(spec_.l2, row),
                      1,
                      0,
                      1,
                      row};
    wiring.causes = l2::kSystemCacheCauses;
    wiring.charges_way_back = true;
    if (link) wiring.packet_bytes = link->packet_bytes;
    wiring.most_cpu_requests = lines_of_cpu(spec_);
    partitions_[directory_.of(self).partition].system_caches.emplace_back(bank, wiring);
  }
}

void Machine::build_channels(const MachineOptions& options) {
  const MemorySpec& memory = spec_.memory;
  const bool has_banks = memory.system_cache.has_value();
  const l2::Spec& asker = has_banks ? *memory.system_cache : spec_.l2;
  const std::uint32_t askers = has_banks ? pseudo_channels() : spec_.slices;
  const std::uint32_t askers_of_channel = askers / memory.channels;
  const std::uint32_t sharing = askers / pseudo_channels();
  const ComponentId first = has_banks ? first_bank_ : first_slice_;
  const std::uint32_t row = row_lines(memory.part.geometry);
  const dram::Channel untouched(memory.part);  // rules are compiled once
  for (std::uint32_t i = 0; i < memory.channels; ++i) {
    const ComponentId self{first_channel_.value + i};
    const MemoryChannelWiring wiring{self,
                                     ComponentId{first.value + i * askers_of_channel},
                                     sharing,
                                     sharing * most_requests_of(asker, row) + lines_of_cpu(spec_),
                                     Picoseconds(asker.dram_path.count() / 2),
                                     options.check_dram,
                                     has_banks ? std::nullopt : link_share(memory, memory.channels),
                                     memory.ecc_bursts,
                                     first_cpu_of(i),
                                     options.over_time};
    partitions_[directory_.of(self).partition].channels.emplace_back(memory.part, untouched,
                                                                     wiring);
  }
}

void Machine::start_cpus(Instant at) {
  for (Partition& partition : partitions_) {
    for (cpu::Source& cpu : partition.cpus) cpu.start(at, partition.mail());
  }
}

std::optional<ComponentId> Machine::first_cpu_of(std::uint32_t channel) const {
  if (cpus() == 0) return std::nullopt;
  return ComponentId{first_cpu_.value + channel * spec_.memory.part.geometry.pseudo_channels};
}

// Each on its pseudo-channel's bank of the system-level cache, or on its channel where there is
// none. What the channel adds to the way back the CPU then takes off the way there, but for what a
// channel relies on (memory_channel.h).
void Machine::build_cpus() {
  const bool has_banks = spec_.memory.system_cache.has_value();
  for (std::uint32_t i = 0; i < cpus(); ++i) {
    const cpu::Spec& cpu = *spec_.memory.cpu;
    const ComponentId self{first_cpu_.value + i};
    const std::uint32_t channel = i / spec_.memory.part.geometry.pseudo_channels;
    const Picoseconds half_path(has_banks ? 0 : spec_.l2.dram_path.count() / 2);
    const cpu::Wiring wiring{
        self, ComponentId{has_banks ? first_bank_.value + i : first_channel_.value + channel},
        std::max(cpu.path * 2 - half_path, half_path)};
    partitions_[directory_.of(self).partition].cpus.emplace_back(cpu, wiring);
  }
}

}  // namespace strobe::device
