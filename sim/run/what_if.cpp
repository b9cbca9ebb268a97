#include "sim/run/what_if.h"

#include <algorithm>

#include "sim/device/what_if.h"
#include "sim/report/figures.h"

namespace strobe::run {

namespace {

// Of the whole run or of the kernels' warps.
bool was_charged(const device::WhatIf& one, const device::RunResult& result) {
  const stats::StallTimes stalls = report::total_of(result).stalls;
  for (std::size_t i = 0; i < stats::kCauseCount; ++i) {
    if (!device::concerns(one, stats::kCauses[i].name)) continue;
    if (stalls.by_cause[i] > Picoseconds(0)) return true;
    const bool is_copying = i == static_cast<std::size_t>(stats::Cause::link_host);
    if (is_copying && std::ranges::any_of(result.copies, &device::CopyResult::over_link)) {
      return true;
    }
  }
  return false;
}

}  // namespace

void check_what_ifs(const std::optional<std::string>& causes) {
  if (causes) device::what_ifs_of(*causes);
}

std::vector<report::WithoutCause> run_what_ifs(const std::optional<std::string>& causes,
                                               const device::GpuSpec& gpu,
                                               const device::RunResult& result,
                                               const Replay& replay) {
  if (!causes) return {};
  std::vector<const device::WhatIf*> chosen = device::what_ifs_of(*causes);
  if (*causes == "all") {
    std::erase_if(chosen, [&](const device::WhatIf* one) { return !was_charged(*one, result); });
  }
  std::vector<report::WithoutCause> rows;
  device::GpuSpec without_all = gpu;
  for (const device::WhatIf* one : chosen) {
    device::GpuSpec without = gpu;
    one->take_away(without);
    one->take_away(without_all);
    rows.push_back(
        {std::string(one->cause), std::string(one->without), replay(without).end.since_start()});
  }
  if (chosen.size() > 1) {
    rows.push_back({"all of these", "together", replay(without_all).end.since_start()});
  }
  return rows;
}

}  // namespace strobe::run
