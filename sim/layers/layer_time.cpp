#include "sim/layers/layer_time.h"

#include <algorithm>

#include "sim/device/machine.h"

namespace strobe::layers {
namespace {

// Enough for the first strips to be on their way, all warps to run and the rounds to be alike.
constexpr std::uint64_t kFewRounds = 16;
constexpr std::uint64_t kManyRounds = 3 * kFewRounds;

device::RunResult run_cut(const std::vector<std::unique_ptr<Kernel>>& kernels,
                          const device::GpuSpec& gpu, const TimingOptions& options,
                          std::uint64_t most_rounds, device::Progress& progress) {
  LayerProgram program(kernels, gpu, most_rounds, options.held);
  device::MachineOptions machine_options;
  machine_options.threads = options.threads;
  machine_options.check_dram = options.check_dram;
  machine_options.sample = !options.exact;
  machine_options.most_cta_spans = options.most_cta_spans;
  device::Machine machine(gpu, machine_options);
  return machine.run(program, progress);
}

}  // namespace

device::RunResult time_kernels(const std::vector<std::unique_ptr<Kernel>>& kernels,
                               const device::GpuSpec& gpu, const TimingOptions& options,
                               device::Progress& progress) {
  const bool is_long = std::ranges::any_of(
      kernels, [](const auto& kernel) { return kernel->loop_rounds() > kManyRounds; });
  if (options.exact || !is_long) return run_cut(kernels, gpu, options, 0, progress);

  const device::RunResult few = run_cut(kernels, gpu, options, kFewRounds, progress);
  device::RunResult many = run_cut(kernels, gpu, options, kManyRounds, progress);
  for (std::size_t i = 0; i < kernels.size(); ++i) {
    const std::uint64_t all = kernels[i]->loop_rounds();
    if (all <= kManyRounds) continue;
    device::LeftOut& left_out = many.kernels[i].left_out;
    left_out.rounds = all - kManyRounds;
    const std::int64_t more = (many.kernels[i].time() - few.kernels[i].time()).count();
    const auto ratio = static_cast<double>(left_out.rounds) / (kManyRounds - kFewRounds);
    const Picoseconds rest(static_cast<std::int64_t>(static_cast<double>(more) * ratio));
    left_out.time += rest;
    many.end = many.end + rest;
  }
  return many;
}

}  // namespace strobe::layers
