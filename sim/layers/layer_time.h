#pragma once

// How long a layer takes on a GPU, and what it waits for.
//
// Unless it is to be exact, three things are cut short. Where every kernel can be dealt out to
// equal shares of the machine, one share is simulated (device/machine_share.h). Whole waves of CTAs
// are left out once the time of a wave is known (device/wave_sampler.h). And of a long main loop,
// every round of which does the same, a few rounds and then more are simulated, until the result's
// way to the DRAM no longer hides them (layers/loop_cut.h).

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "sim/device/power_cap.h"
#include "sim/device/progress.h"
#include "sim/device/result.h"
#include "sim/device/spec.h"
#include "sim/layers/common/kernel.h"
#include "sim/layers/layer_program.h"

namespace strobe::layers {

struct TimingOptions {
  int threads = 1;
  bool exact = false;
  bool check_dram = false;
  std::uint64_t most_cta_spans = 0;     // as device::MachineOptions has it, like over_time
  std::optional<L2Contents> held = {};  // by the L2 at the start; see LayerProgram
  bool over_time = false;
};

// Of so many equal shares of the machine one is simulated; 1 where it has to be the whole.
std::uint32_t shares_of(const std::vector<std::unique_ptr<Kernel>>& kernels,
                        const device::GpuSpec& gpu);

// Whether what is known of the kernels is all that is wanted.
using BreaksOff = std::function<bool(const device::RunResult&, device::Known)>;

// Each kernel's left_out says what was not simulated. Where `breaks_off` says so of what is known
// so far, that is all. Throws UserError when a kernel does not fit the GPU.
device::RunResult time_kernels(const std::vector<std::unique_ptr<Kernel>>& kernels,
                               const device::GpuSpec& gpu, const TimingOptions& options,
                               device::Progress& progress, const BreaksOff& breaks_off = {});

}  // namespace strobe::layers
