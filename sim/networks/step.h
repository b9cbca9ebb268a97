#pragma once

// A step of a network: what a framework that runs layer by layer (PyTorch's eager mode) launches
// for one batch, in order, and which tensors each launch reads and writes. The gradients follow
// from the layers (backward.cpp).
//
// An operation's tensors are in the order of its first kernel's arrays (layers/common/kernel.h):
// those that are read, and those that are written, each among themselves.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/units.h"
#include "sim/layers/common/layer.h"
#include "sim/networks/network.h"

namespace strobe::networks {

enum class Optimiser : std::uint8_t { sgd, momentum, adam, adadelta };

struct StepOptions {
  std::uint64_t batch = 1;
  bool training = false;
  Optimiser optimiser = Optimiser::momentum;
  bool updates_by_tensor = false;  // see optimiser.h; else all parameters are updated in one launch
  layers::DataType type = layers::DataType::fp32;  // of products; see layers::storage_of
  bool is_type_given = false;                      // else that of the network's file comes first
  std::string weights;  // format of dense layers' matrices, empty: `type`
  std::string head;     // of the one that makes the vocabulary's scores, empty: as usual
  // Whether attention is one kernel there (layers/attention.h); else products and a softmax, which
  // it is everywhere where that is asked for.
  bool has_fused_attention = false;
  bool wants_eager_attention = false;
  Picoseconds host_interval{};  // between two calls of operators; see host_queue.h
};

struct Tensor {
  enum class Use : std::uint8_t {
    input,       // comes from the host
    parameter,   // stays from step to step
    state,       // of the optimiser: stays too
    activation,  // of this step; in training until its gradient is there
    gradient,    // of this step
    cache,       // keys and values of the places before: stays
    view,        // a part of others, or all of them: counted there
  };
  std::string name;
  Use use{};
  std::uint64_t bytes = 0;
  std::optional<std::size_t> overwrites = std::nullopt;  // the tensor in whose place it is
};

enum class Pass : std::uint8_t { forward, backward, update };
std::string_view name_of(Pass pass);

struct Operation {
  std::string name;  // of the node, and of what is done where it is more than one thing
  Pass pass = Pass::forward;
  layers::Layer layer;
  std::uint64_t times = 1;  // so many calls alike, one after another
  std::vector<std::size_t> reads, writes;
  double operations = 0;  // floating-point, of all launches, a multiply-add being two

  std::string text() const { return layers::to_text(layer); }
};

struct Step {
  std::vector<Tensor> tensors;
  std::vector<Operation> operations;

  std::uint64_t bytes_of(Tensor::Use use) const;
  // The least that an operation must move: everything that it reads and writes, once.
  std::uint64_t least_bytes(const Operation& operation) const;
  // What a framework reads back of it: of training the loss, which is one number; else what the
  // last operation writes, and of sequences a number for each, because the next token is chosen on
  // the GPU.
  std::uint64_t bytes_to_host(const Network& network, const StepOptions& options) const;
  // Who must be done before whom.
  std::vector<std::vector<std::size_t>> needs() const;
};

// As far as the network's file says something of its own.
StepOptions options_for(const Network& network, const StepOptions& options);

Step make_step(const Network& network, const StepOptions& options);

// What a step needs of the GPU's memory at once.
struct MemoryNeed {
  std::uint64_t parameters = 0, gradients = 0, state = 0, activations = 0, cache = 0, input = 0;
  std::uint64_t total() const {
    return parameters + gradients + state + activations + cache + input;
  }
};
MemoryNeed memory_need(const Step& step, const StepOptions& options);

}  // namespace strobe::networks
