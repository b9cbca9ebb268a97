#include "sim/layers/rows/cross_entropy.h"

#include <array>

#include "sim/base/random.h"
#include "sim/layers/common/warp_code.h"
#include "sim/layers/rows/elementwise.h"
#include "sim/layers/rows/softmax.h"

namespace strobe::layers {
namespace {

using trace::Op;

constexpr Register kAddress = 2, kTarget = 4, kSum = 5, kElement = 6;
constexpr std::uint64_t kTargetBytes = 8;  // PyTorch's class indices are of 64 bits

// nll_loss_forward_reduce_cuda_kernel_2d and its gradient: the threads take the rows in turn; a
// check of each target, which may end the kernel, keeps a thread's rows from overlapping. Targets
// are spread evenly.
class PickTargets : public Kernel {
 public:
  explicit PickTargets(const Layer& layer)
      : layer_(layer), writes_(layer.op == Operator::cross_entropy_backward) {
    header_.name = writes_ ? "nll_loss_backward_reduce_cuda_kernel_2d"
                           : "nll_loss_forward_reduce_cuda_kernel_2d";
    header_.block[0] = trace::kWarpLanes;
    header_.registers = 32;
    header_.shared_bytes = writes_ ? 0 : 2 * trace::kWarpLanes * 4;
    // log_softmax reads the first array and writes the second; of its gradient both are those here.
    const std::uint64_t bytes = layer.rows * layer.columns * bytes_of(layer.type);
    arrays_ = {{bytes, writes_}, {bytes, false}, {layer.rows * kTargetBytes, false}};
    arrays_.push_back({4, !writes_});
    place_arrays(arrays_);
  }

  std::uint64_t loop_rounds() const override {
    return (layer_.rows + trace::kWarpLanes - 1) / trace::kWarpLanes;
  }

  // A CTA that waits for one access after another is as slow on any part of a machine. That each
  // part counts its few accesses is nothing beside the kernels around it.
  std::unique_ptr<Kernel> share(std::uint32_t) const override {
    return std::make_unique<PickTargets>(layer_);
  }

  void fill(trace::Cta& into, std::uint64_t rounds) const override {
    WarpCode code(into);
    code.start_warp();
    chain(code, Op::integer, kAddress, 8);
    for (std::uint64_t round = 0; round < rounds; ++round) {
      const std::uint64_t row = round * trace::kWarpLanes;
      const std::uint32_t lanes = first_lanes(layer_.rows - row);
      code.load(kTarget, kAddress,
                {lanes, arrays_[2].address + row * kTargetBytes, kTargetBytes, kTargetBytes});
      code.arithmetic(Op::integer, kTarget, {kTarget}, 6);
      code.control(Op::branch);
      pick(code, row, lanes);
      code.control(Op::branch);
    }
    if (!writes_) add_up_lanes(code);
    code.end_warp();
  }

 private:
  void pick(WarpCode& code, std::uint64_t first, std::uint32_t lanes) const {
    std::array<std::uint64_t, trace::kWarpLanes> places{};
    const std::uint32_t bytes = bytes_of(layer_.type);
    for (std::uint64_t lane = 0; lane < trace::kWarpLanes; ++lane) {
      const std::uint64_t row = first + lane;
      const std::uint64_t target = mix64(row) % layer_.columns;
      places[lane] = arrays_[writes_ ? 0 : 1].address + (row * layer_.columns + target) * bytes;
    }
    if (writes_) {
      code.store(kElement, kTarget, {lanes, places[0], 0, bytes});
    } else {
      code.load(kElement, kTarget, {lanes, places[0], 0, bytes});
    }
    code.list_addresses(places.data());
    if (!writes_) code.arithmetic(Op::fp32, kSum, {kSum, kElement}, 2);
  }

  // One thread adds up what all left in shared memory.
  void add_up_lanes(WarpCode& code) const {
    code.store<trace::Space::shared>(kSum, kNone, {0xFFFFFFFF, 0, 4, 4});
    code.control(Op::barrier);
    code.load<trace::Space::shared>(kSum, kNone, {1, 0, 16, 16});
    code.repeat(trace::kWarpLanes / 4);
    chain(code, Op::fp32, kSum, trace::kWarpLanes);
    code.store(kSum, kAddress, {1, arrays_[3].address, 4, 4});
  }

  Layer layer_;
  bool writes_;
};

Layer as(const Layer& layer, Operator op, const std::string& name) {
  Layer other = layer;
  other.op = op;
  other.name = name;
  return other;
}

}  // namespace

std::vector<std::unique_ptr<Kernel>> cross_entropy_kernels(const Layer& layer,
                                                           const device::GpuSpec& gpu) {
  std::vector<std::unique_ptr<Kernel>> kernels;
  kernels.push_back(softmax_kernel(as(layer, Operator::log_softmax, "log_softmax"), gpu));
  kernels.push_back(std::make_unique<PickTargets>(layer));
  return kernels;
}

std::vector<std::unique_ptr<Kernel>> cross_entropy_backward_kernels(const Layer& layer) {
  std::vector<std::unique_ptr<Kernel>> kernels;
  kernels.push_back(elementwise_kernel(as(layer, Operator::elementwise, "fill")));
  kernels.push_back(std::make_unique<PickTargets>(layer));
  kernels.push_back(
      softmax_backward_kernel(as(layer, Operator::log_softmax_backward, "log_softmax_backward")));
  return kernels;
}

}  // namespace strobe::layers
