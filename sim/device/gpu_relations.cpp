#include "sim/device/gpu_relations.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <string>

#include "sim/device/section.h"
#include "sim/tags/sectored_tags.h"
#include "sim/wire/message.h"

namespace strobe::device {
namespace {

bool has_mig_shares(const GpuSpec& gpu) {
  return std::ranges::all_of(gpu.mig, [&gpu](const MigProfile& profile) {
    const std::uint64_t share = profile.memory_eighths;
    return profile.sms <= gpu.sms && share <= 8 && gpu.slices * share % 8 == 0 &&
           gpu.memory.channels * share % 8 == 0;
  });
}

bool is_page(Bytes bytes) {
  const auto size = static_cast<std::uint64_t>(bytes.count());
  return size >= wire::kLineBytes && std::has_single_bit(size);
}

bool has_pages(const sm::TlbSpec& tlb) {
  return is_page(tlb.page) &&
         (!tlb.second || (is_page(tlb.second->page) && tlb.second->page >= tlb.page));
}

// What must hold between the numbers of a machine; the key is the one that is blamed.
struct Relation {
  bool holds;
  const char* key;
  std::string message;
};

bool is_promotion(Bytes together) {
  return together == Bytes(32) || together == Bytes(64) || together == Bytes(128);
}

}  // namespace

void check_relations(const GpuSpec& gpu, const TomlNode& root) {
  constexpr auto kLine = static_cast<std::int64_t>(wire::kLineBytes);
  const sm::Spec& sm = gpu.sm;
  const dram::Geometry& part = gpu.memory.part.geometry;
  const std::uint64_t pseudo_channels = std::uint64_t{gpu.memory.channels} * part.pseudo_channels;
  const std::string most_ways =
      "must not be more than " + std::to_string(tags::SectoredTags::kMostWays);
  const Relation relations[] = {
      {gpu.board.base_clock <= gpu.board.boost_clock, "board.base_clock",
       "is above board.boost_clock"},
      {sm.max_warps % sm.sub_partitions == 0, "sm.max_warps",
       "must be a multiple of sm.sub_partitions"},
      {sm.registers % sm.register_unit == 0, "sm.register_unit", "must divide sm.registers"},
      {sm.shared_max.count() % sm.shared_unit.count() == 0, "sm.shared_unit",
       "must divide sm.shared_max"},
      {!sm.l1.unified_with_shared || sm.shared_max <= sm.l1.capacity, "sm.shared_max",
       "is more than sm.l1.capacity, which holds it"},
      {sm.l1.ways <= tags::SectoredTags::kMostWays, "sm.l1.ways", most_ways},
      {gpu.l2.ways <= tags::SectoredTags::kMostWays, "l2.ways", most_ways},
      {sm.l1.capacity.count() % (kLine * sm.l1.ways) == 0, "sm.l1.capacity",
       "must be a whole number of sets of " + std::to_string(sm.l1.ways) + " lines of 128 B"},
      {gpu.l2.capacity.count() % (kLine * gpu.l2.ways) == 0, "l2.capacity",
       "must be a whole number of sets of " + std::to_string(gpu.l2.ways) + " lines of 128 B"},
      {is_promotion(gpu.l2.sector_promotion), "l2.sector_promotion", "must be 32, 64 or 128 B"},
      {!sm.tlb || has_pages(*sm.tlb), "sm.tlb",
       "has pages that are no power of two of lines of 128 B, or larger ones before smaller ones"},
      {gpu.slices % pseudo_channels == 0, "l2.slices",
       "must be a multiple of the " + std::to_string(pseudo_channels) +
           " pseudo-channels of the memory: each slice belongs to one"},
      {!gpu.l2.crossing || gpu.memory.channels % 2 == 0, "l2.crossing",
       "needs an even number of memory.channels: each partition has half of them"},
      {has_mig_shares(gpu), "mig",
       "asks for more than there is, or for a part of a slice or channel"},
      {gpu.memory.interleave % kLine == 0, "memory.interleave", "must be a multiple of 128 B"},
      {!gpu.energy || gpu.energy->low_clock < gpu.energy->high_clock, "energy.low_clock",
       "must be below energy.high_clock"},
      {!gpu.energy || gpu.energy->low_voltage <= gpu.energy->high_voltage, "energy.low_voltage",
       "is above energy.high_voltage"},
      {!gpu.energy || gpu.energy->regulator_loss < 1, "energy.regulator_loss",
       "leaves nothing for the chip"},
  };
  for (const Relation& relation : relations) {
    if (relation.holds) continue;
    throw UserError(place_of(root, relation.key),
                    "'" + std::string(relation.key) + "' " + relation.message);
  }
}

}  // namespace strobe::device
