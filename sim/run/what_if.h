#pragma once

// A run repeated without some of the causes that its warps waited for, one at a time, and, of
// several, without all of them together: what they cost by themselves need not add up.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/device/result.h"
#include "sim/device/spec.h"
#include "sim/report/what_if.h"

namespace strobe::run {

// Replays the same work on that GPU.
using Replay = std::function<device::RunResult(const device::GpuSpec& gpu)>;

// `causes` as device::what_ifs_of takes them; of "all", those that `result` was charged with.
// Nothing without causes. Throws UserError.
std::vector<report::WithoutCause> run_what_ifs(const std::optional<std::string>& causes,
                                               const device::GpuSpec& gpu,
                                               const device::RunResult& result,
                                               const Replay& replay);

// Throws UserError for causes that run_what_ifs would refuse.
void check_what_ifs(const std::optional<std::string>& causes);

}  // namespace strobe::run
