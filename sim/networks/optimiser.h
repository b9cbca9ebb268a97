#pragma once

// What an optimiser of a framework launches when it goes through the parameters tensor by tensor,
// as PyTorch does before 2.0 and with foreach=False after it, without weight decay: torch/optim's
// sgd.py, adam.py and adadelta.py, _single_tensor_* (up to 1.11 _functional.py). Around it the
// gradients that are kept are set to zero (zero_grad, which gave them up only from 2.0 on) and
// those of the step are added to them (torch/csrc/autograd/functions/accumulate_grad.h).

#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "sim/networks/step.h"

namespace strobe::networks {

// Of one tensor: scratch is what a kernel makes for the next ones.
enum class Operand : std::uint8_t { parameter, gradient, state1, state2, scratch1, scratch2 };
inline constexpr std::size_t kOperands = 6;

struct UpdateKernel {
  std::string_view op;  // an elementwise operator: in place, and then read too, where it ends in _
  Operand written;
  std::optional<Operand> read = {}, read_too = {};

  bool is_in_place() const { return op.ends_with('_'); }
};

std::span<const UpdateKernel> kernels_of_tensor(Optimiser optimiser);

// Values that it keeps for each parameter.
std::size_t states_of(Optimiser optimiser);

inline constexpr std::array<std::string_view, 4> kOptimisers{"sgd", "momentum", "adam", "adadelta"};
inline std::string_view name_of(Optimiser optimiser) {
  return kOptimisers[static_cast<std::size_t>(optimiser)];
}

}  // namespace strobe::networks
