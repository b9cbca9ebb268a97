#include "sim/run/what_if.h"

#include <algorithm>

#include "sim/device/what_if.h"
#include "sim/report/figures.h"

namespace strobe::run {

namespace {

// Of the whole run or of the kernels' warps.
bool was_charged(const device::WhatIf& one, const device::RunResult& result) {
  const auto name = [](const stats::CauseName& cause) { return cause.name; };
  const auto cause = static_cast<std::size_t>(std::ranges::find(stats::kCauses, one.cause, name) -
                                              stats::kCauses.begin());
  if (cause == static_cast<std::size_t>(stats::Cause::link_host)) {
    return std::ranges::any_of(result.copies, &device::CopyResult::over_link);
  }
  return report::total_of(result).stalls.by_cause[cause] > Picoseconds(0);
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
