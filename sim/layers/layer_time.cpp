#include "sim/layers/layer_time.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "sim/device/board_energy.h"
#include "sim/device/machine.h"
#include "sim/device/machine_share.h"
#include "sim/device/wiring.h"
#include "sim/layers/loop_cut.h"
#include "sim/wire/message.h"

namespace strobe::layers {
namespace {

using Kernels = std::vector<std::unique_ptr<Kernel>>;

// Of a machine and of what it has to do.
struct Share {
  std::uint32_t shares = 1;
  device::GpuSpec gpu;
  Kernels kernels;  // of the whole when there is one share
};

Kernels kernels_of_share(const Kernels& kernels, std::uint32_t shares) {
  Kernels all;
  for (const auto& kernel : kernels) {
    all.push_back(kernel->share(shares));
    if (all.back() == nullptr) return {};
  }
  return all;
}

// The smallest share that still has a few SMs and channels for requests to meet in.
std::optional<Share> smallest_share(const Kernels& kernels, const device::GpuSpec& gpu) {
  constexpr std::uint32_t kMostShares = 22;
  for (std::uint32_t shares = kMostShares; shares > 1; --shares) {
    if (!device::can_be_shared(gpu, shares)) continue;
    Kernels parts = kernels_of_share(kernels, shares);
    if (!parts.empty()) return Share{shares, device::share_of(gpu, shares), std::move(parts)};
  }
  return std::nullopt;
}

device::RunResult run_cut(const Kernels& kernels, const device::GpuSpec& gpu,
                          const TimingOptions& options, Rounds rounds, device::Progress& progress) {
  LayerProgram program(kernels, gpu, std::move(rounds), options.held);
  device::MachineOptions machine_options;
  machine_options.threads = options.threads;
  machine_options.check_dram = options.check_dram;
  machine_options.sample = !options.exact;
  machine_options.most_cta_spans = options.most_cta_spans;
  machine_options.over_time = options.over_time;
  device::Machine machine(gpu, machine_options);
  return machine.run(program, progress);
}

// Of what the DRAM's pins could have moved, in the part that was simulated.
double share_of_pins(const device::KernelResult& kernel, const device::GpuSpec& gpu) {
  const double bursts = static_cast<double>(kernel.dram.reads + kernel.dram.writes);
  const double seconds = static_cast<double>(kernel.dram_time.count()) * 1e-12;
  const double peak = static_cast<double>(device::peaks_of(gpu).dram.count());
  return seconds > 0 ? bursts * wire::kSectorBytes / (seconds * peak) : 0;
}

// What a kernel moves however long its loop is, its result above all, held up the fewer rounds.
// More of them hide behind it, and to go on like that would make the loop faster than it is. Pins
// less busy than kBusy hold nothing up; shares within kAlike are those of one and the same bound.
// Both are assumed: too strict, they cost time and not truth.
bool hides_rounds(const device::KernelResult& few, const device::KernelResult& many,
                  const device::GpuSpec& gpu) {
  constexpr double kBusy = 0.3, kAlike = 0.9;
  const double share = share_of_pins(few, gpu);
  return share > kBusy && share_of_pins(many, gpu) < kAlike * share;
}

// Cycles for which an SM's busiest pipe is taken by one CTA of those that were simulated, at least.
double pipe_cycles(const device::KernelResult& kernel, std::uint64_t ctas, const sm::Spec& spec) {
  const sm::Counters& sm = kernel.sm;
  double busiest = static_cast<double>(sm.tensor_cycles);
  for (const auto& [pipe, lanes] :
       {std::pair(sm::Pipe::fp32, sm.fp32_lanes), std::pair(sm::Pipe::fp16, sm.fp16_lanes)}) {
    const Cycles interval = spec.pipes[static_cast<std::size_t>(pipe)].interval;
    const double warps = static_cast<double>(lanes) / trace::kWarpLanes;
    busiest = std::max(busiest, warps * static_cast<double>(interval.count()));
  }
  const double simulated = static_cast<double>(ctas - kernel.left_out.ctas);
  return busiest / (simulated * spec.sub_partitions);
}

// Some SM has as many CTAs as their even share, rounded up, and its pipes need their time for each.
// If the rounds between the two runs took less, something else held up the fewer ones: a DRAM that
// opens rows for the first strips of all CTAs, say. kSlack is for what waves of CTAs differ by.
bool outruns_pipes(const device::KernelResult& few, const device::KernelResult& many,
                   std::uint64_t ctas, const device::GpuSpec& gpu) {
  constexpr double kSlack = 0.99;
  const double of_cta = pipe_cycles(many, ctas, gpu.sm) - pipe_cycles(few, ctas, gpu.sm);
  const auto most_of_sm = static_cast<double>((ctas + gpu.sms - 1) / gpu.sms);
  const double seconds = static_cast<double>((many.time() - few.time()).count()) * 1e-12;
  const double cycles = seconds * static_cast<double>(gpu.sm.clock.count()) * 1e3;
  return cycles < kSlack * of_cta * most_of_sm;
}

// Kernels of a machine of which a share was run.
struct Whole {
  const Kernels& kernels;
  const device::GpuSpec& gpu;
  std::uint32_t shares = 1;

  device::RunResult of(device::RunResult part) const;
  // With what the rounds that were left out take, by those that `many` had more than `few`.
  device::RunResult of(const device::RunResult& few, device::RunResult many,
                       const std::vector<LoopCut>& cuts) const;
};

device::RunResult Whole::of(device::RunResult part) const {
  if (shares == 1) return part;
  device::RunResult whole = device::whole_of(std::move(part), gpu, shares);
  for (std::size_t i = 0; i < kernels.size(); ++i) {
    whole.kernels[i].grid = kernels[i]->header().grid;
  }
  return whole;
}

device::RunResult Whole::of(const device::RunResult& few_of_part, device::RunResult many_of_part,
                            const std::vector<LoopCut>& cuts) const {
  const device::RunResult few = of(few_of_part);
  device::RunResult many = of(std::move(many_of_part));
  for (std::size_t i = 0; i < kernels.size(); ++i) {
    if (cuts[i].is_whole()) continue;
    device::KernelResult& kernel = many.kernels[i];
    device::LeftOut& left_out = kernel.left_out;
    left_out.rounds = kernels[i]->loop_rounds() - cuts[i].many;
    const auto ratio =
        static_cast<double>(left_out.rounds) / static_cast<double>(cuts[i].many - cuts[i].few);
    if (gpu.energy) {
      left_out.rounds_energy = work_of(kernel, gpu);
      left_out.rounds_energy += work_of(few.kernels[i], gpu) * -1;
      left_out.rounds_energy = left_out.rounds_energy * ratio;
    }
    const std::int64_t more = (kernel.time() - few.kernels[i].time()).count();
    left_out.rounds_time =
        Picoseconds(static_cast<std::int64_t>(static_cast<double>(more) * ratio));
    left_out.time += left_out.rounds_time;
    many.end = many.end + left_out.rounds_time;
  }
  return many;
}

// What is run of a whole.
struct Part {
  const Kernels& kernels;
  const device::GpuSpec& gpu;
};

device::RunResult run_rounds(const Part& part, const Whole& whole, const TimingOptions& options,
                             device::Progress& progress, const BreaksOff& breaks_off) {
  const Kernels& kernels = part.kernels;
  const device::GpuSpec& gpu = part.gpu;
  std::vector<LoopCut> cuts;
  for (const auto& kernel : kernels) cuts.push_back(cut_of(*kernel, gpu));
  const auto run = [&](std::uint64_t LoopCut::*count) {
    Rounds rounds;
    for (const LoopCut& cut : cuts) rounds.push_back(cut.*count);
    return run_cut(kernels, gpu, options, std::move(rounds), progress);
  };
  if (std::ranges::all_of(cuts, &LoopCut::is_whole)) return whole.of(run(&LoopCut::many));

  device::RunResult few = run(&LoopCut::few);
  if (breaks_off) {
    device::RunResult first = whole.of(few);
    if (breaks_off(first, device::Known::first_rounds)) return first;
  }
  device::RunResult many = run(&LoopCut::many);
  // Of kernels of which rounds are left out.
  const auto is_any = [&](const auto& is) {
    for (std::size_t i = 0; i < cuts.size(); ++i) {
      if (!cuts[i].is_whole() && is(i)) return true;
    }
    return false;
  };
  const auto outruns = [&](std::size_t i) {
    const std::uint64_t ctas = kernels[i]->header().cta_count();
    return outruns_pipes(few.kernels[i], many.kernels[i], ctas, gpu);
  };
  const auto hides = [&](std::size_t i) {
    return hides_rounds(few.kernels[i], many.kernels[i], gpu);
  };
  while (true) {
    const bool outrun = is_any(outruns);
    if (!outrun && !is_any(hides)) break;
    // Rounds that outran their pipes tell nothing of the rest.
    if (breaks_off && !outrun) {
      device::RunResult roughly = whole.of(few, many, cuts);
      if (breaks_off(roughly, device::Known::roughly)) return roughly;
    }
    for (std::size_t i = 0; i < cuts.size(); ++i) cuts[i] = longer(cuts[i], *kernels[i]);
    few = std::move(many);
    many = run(&LoopCut::many);
  }
  return whole.of(few, std::move(many), cuts);
}

}  // namespace

std::uint32_t shares_of(const Kernels& kernels, const device::GpuSpec& gpu) {
  const std::optional<Share> share = smallest_share(kernels, gpu);
  return share ? share->shares : 1;
}

device::RunResult time_kernels(const Kernels& kernels, const device::GpuSpec& gpu,
                               const TimingOptions& options, device::Progress& progress,
                               const BreaksOff& breaks_off) {
  if (options.exact) return run_cut(kernels, gpu, options, all_rounds(kernels), progress);
  const std::optional<Share> share = smallest_share(kernels, gpu);
  if (!share) return run_rounds({kernels, gpu}, {kernels, gpu}, options, progress, breaks_off);
  return run_rounds({share->kernels, share->gpu}, {kernels, gpu, share->shares}, options, progress,
                    breaks_off);
}

}  // namespace strobe::layers
