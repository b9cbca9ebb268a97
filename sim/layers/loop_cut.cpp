#include "sim/layers/loop_cut.h"

#include "sim/model/sm/occupancy.h"

namespace strobe::layers {
namespace {

constexpr std::uint64_t kManyOfFew = 3;
constexpr std::uint64_t kLongestWhole = 48;
// Of a grid of one wave, whose every round counts and which is over soon: what six waves of 32
// rounds take.
constexpr std::uint64_t kLongestWholeOfOneWave = 192;

// Enough for the first strips to be on their way, all warps to run and the rounds to be alike.
constexpr std::uint64_t kFew = 8;
// CTAs of short loops end far apart for their length, and those that follow share SMs that in the
// whole they would have to wait for. How a grid ends matters while it has few waves.
constexpr std::uint64_t kFewOfFewWaves = 16;
constexpr std::uint64_t kFewWaves = 6;
// Of the one wave of a longer loop: 96 rounds in both runs, half of what is simulated whole at
// most.
constexpr std::uint64_t kFewOfOneWave = 24;

// Two runs of more rounds than there are would take longer than one of all of them.
LoopCut cut_to(std::uint64_t few, std::uint64_t all, std::uint64_t longest_whole = kLongestWhole) {
  const std::uint64_t many = kManyOfFew * few;
  return all <= longest_whole || few + many >= all ? LoopCut{all, all} : LoopCut{few, many};
}

}  // namespace

LoopCut cut_of(const Kernel& kernel, const device::GpuSpec& gpu) {
  const std::uint64_t all = kernel.loop_rounds(), ctas = kernel.header().cta_count();
  const std::uint64_t wave = std::uint64_t{sm::residency(gpu.sm, kernel.header()).ctas} * gpu.sms;
  if (ctas <= wave) return cut_to(kFewOfOneWave, all, kLongestWholeOfOneWave);
  const std::uint64_t few = ctas < kFewWaves * wave ? kFewOfFewWaves : kFew;
  return cut_to(few, all);
}

LoopCut longer(const LoopCut& cut, const Kernel& kernel) {
  return cut_to(cut.many, kernel.loop_rounds());
}

Rounds all_rounds(const std::vector<std::unique_ptr<Kernel>>& kernels) {
  Rounds rounds;
  for (const auto& kernel : kernels) rounds.push_back(kernel->loop_rounds());
  return rounds;
}

}  // namespace strobe::layers
