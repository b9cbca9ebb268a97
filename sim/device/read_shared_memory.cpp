#include "sim/device/read_shared_memory.h"

#include "sim/tags/sectored_tags.h"
#include "sim/wire/message.h"

namespace strobe::device {

namespace {

constexpr auto kLine = static_cast<std::int64_t>(wire::kLineBytes);
constexpr auto kSector = static_cast<std::int64_t>(wire::kSectorBytes);

void share_out_system_cache(const TomlNode& memory_table, MemorySpec& memory) {
  l2::Spec& bank = *memory.system_cache;
  const std::int64_t banks = std::int64_t{memory.channels} * memory.part.geometry.pseudo_channels;
  const std::int64_t one_set_everywhere = kLine * bank.ways * banks;
  if (bank.ways > tags::SectoredTags::kMostWays ||
      bank.capacity.count() % one_set_everywhere != 0) {
    throw UserError(place_of(memory_table, "system_cache"),
                    "'memory.system_cache' must be a whole number of sets of at most " +
                        std::to_string(tags::SectoredTags::kMostWays) +
                        " lines of 128 B in each of its " + std::to_string(banks) + " banks");
  }
  bank.capacity = Bytes(bank.capacity.count() / banks);
}

void share_out_cpu(const TomlNode& memory_table, MemorySpec& memory) {
  cpu::Spec& share = *memory.cpu;
  const std::uint32_t shares = memory.channels * memory.part.geometry.pseudo_channels;
  share.load = BytesPerSecond(share.load.count() / shares);
  share.footprint = Bytes(share.footprint.count() / shares);
  share.lines_in_flight /= shares;
  const std::int64_t line = share.line.count();
  const bool is_line = line % kSector == 0 && kLine % line == 0;
  const bool has_runs = is_line && share.run.count() % line == 0 && share.run <= share.footprint;
  if (has_runs && share.read_percent <= 100 && share.lines_in_flight > 0 &&
      static_cast<std::uint64_t>(share.footprint.count()) <= memory.capacity / shares) {
    return;
  }
  throw UserError(place_of(memory_table, "cpu"),
                  "'memory.cpu' needs a line of 32, 64 or 128 B, runs of whole lines, a footprint "
                  "that holds a run in each of " +
                      std::to_string(shares) + " pseudo-channels, and a line in flight for each");
}

}  // namespace

l2::Spec read_system_cache(Section section) {
  l2::Spec spec;
  spec.capacity = section.quantity<Bytes>("capacity");
  spec.clock = section.quantity<Kilohertz>("clock");
  spec.ways = section.count("ways");
  spec.miss_lines = section.count("miss_lines");
  spec.miss_merges = section.count("miss_merges");
  spec.write_backs = section.count("write_backs");
  spec.bytes_per_cycle = section.quantity<BytesPerCycle>("bytes_per_cycle").count();
  spec.hit_latency = section.quantity<Picoseconds>("hit_latency");
  spec.dram_path = section.quantity<Picoseconds>("dram_path");
  spec.keeps_all = section.flag("keeps_gpu_lines");
  section.close();
  return spec;
}

cpu::Spec read_cpu(Section section) {
  cpu::Spec spec;
  if (section.optional("load") != nullptr) spec.load = section.quantity<BytesPerSecond>("load", 0);
  spec.line = section.quantity<Bytes>("line");
  spec.read_percent = section.count("read_percent", 0);
  spec.run = section.quantity<Bytes>("run");
  spec.footprint = section.quantity<Bytes>("footprint");
  spec.lines_in_flight = section.count("lines_in_flight");
  spec.path = section.quantity<Picoseconds>("path");
  section.close();
  return spec;
}

void share_out(const TomlNode& memory_table, MemorySpec& memory) {
  if (memory.system_cache) share_out_system_cache(memory_table, memory);
  if (memory.cpu) share_out_cpu(memory_table, memory);
}

}  // namespace strobe::device
