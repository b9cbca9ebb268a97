#include "sim/networks/optimiser.h"

namespace strobe::networks {
namespace {

using enum Operand;

constexpr UpdateKernel kSgd[] = {{"add_", parameter, gradient}};

constexpr UpdateKernel kMomentum[] = {
    {"mulu_", state1}, {"add_", state1, gradient}, {"add_", parameter, state1}};

constexpr UpdateKernel kAdam[] = {
    {"mulu_", state1},          {"add_", state1, gradient},
    {"mulu_", state2},          {"addcmul_", state2, gradient},
    {"sqrt", scratch1, state2}, {"divu", scratch2, scratch1},
    {"addu_", scratch2},        {"addcdiv_", parameter, state1, scratch2},
};

// state1 is the mean square of gradients, state2 of updates.
constexpr UpdateKernel kAdadelta[] = {
    {"mulu_", state1},
    {"addcmul_", state1, gradient},
    {"addu", scratch1, state1},
    {"sqrt_", scratch1},
    {"addu", scratch2, state2},
    {"sqrt_", scratch2},
    {"div_", scratch2, scratch1},
    {"mul_", scratch2, gradient},
    {"mulu_", state2},
    {"addcmul_", state2, scratch2},
    {"add_", parameter, scratch2},
};

}  // namespace

std::span<const UpdateKernel> kernels_of_tensor(Optimiser optimiser) {
  switch (optimiser) {
    case Optimiser::sgd:
      return kSgd;
    case Optimiser::momentum:
      return kMomentum;
    case Optimiser::adam:
      return kAdam;
    default:
      return kAdadelta;
  }
}

std::size_t states_of(Optimiser optimiser) {
  constexpr std::array<std::size_t, kOptimisers.size()> kStates{0, 1, 2, 2};
  return kStates[static_cast<std::size_t>(optimiser)];
}

}  // namespace strobe::networks
