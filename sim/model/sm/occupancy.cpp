#include "sim/model/sm/occupancy.h"

#include <algorithm>

namespace strobe::sm {

namespace {

constexpr std::int64_t round_up(std::int64_t value, std::int64_t unit) {
  return (value + unit - 1) / unit * unit;
}

}  // namespace

Residency residency(const Spec& spec, const trace::KernelHeader& kernel) {
  Residency result;
  result.warps_per_cta = kernel.warps_per_cta();
  const std::int64_t warps = result.warps_per_cta;

  const auto limit_to = [&](std::int64_t ctas, std::string_view by) {
    if (result.limit.empty() || ctas < result.ctas) {
      result.ctas = static_cast<std::uint32_t>(ctas);
      result.limit = by;
    }
  };
  limit_to(spec.max_ctas, "CTAs");
  limit_to(spec.max_warps / warps, "warps");

  // Registers are given to whole warps, and warps to sub-partitions in turn.
  const std::int64_t lanes = trace::kWarpLanes;
  const std::int64_t per_warp = round_up(kernel.registers * lanes, spec.register_unit);
  const std::int64_t per_part = spec.registers / spec.sub_partitions;
  const std::int64_t resident_warps = per_part / std::max<std::int64_t>(per_warp, 1) *
                                      static_cast<std::int64_t>(spec.sub_partitions);
  limit_to(resident_warps / warps, "registers");

  const std::int64_t shared =
      round_up(kernel.shared_bytes + spec.shared_reserved.count(), spec.shared_unit.count());
  if (shared > 0) limit_to(spec.shared_max.count() / shared, "shared memory");

  result.l1_capacity = spec.l1.capacity;
  if (spec.l1.unified_with_shared) result.l1_capacity -= Bytes(shared * result.ctas);
  return result;
}

}  // namespace strobe::sm
