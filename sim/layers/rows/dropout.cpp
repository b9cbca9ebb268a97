#include "sim/layers/rows/dropout.h"

#include <algorithm>

#include "sim/layers/common/warp_code.h"

namespace strobe::layers {
namespace {

using trace::Op;

constexpr std::uint32_t kThreads = 256, kElements = 4;
constexpr Register kIndex = 1, kAddress = 2, kRandom = 4, kInput = 8, kResult = 12;

class Dropout : public Kernel {
 public:
  Dropout(const Layer& layer, std::uint64_t most_ctas)
      : layer_(layer), elements_(layer.rows * layer.columns) {
    const std::uint64_t needed = (elements_ + kThreads * kElements - 1) / (kThreads * kElements);
    header_.name = "fused_dropout_kernel_vec";
    header_.grid[0] = static_cast<std::uint32_t>(std::min(needed, most_ctas));
    header_.block[0] = kThreads;
    header_.registers = 32;  // __launch_bounds__(256, 8)
    const std::uint64_t bytes = elements_ * bytes_of(layer.type);
    arrays_ = {{bytes, false}, {bytes, true}, {elements_, true}};
    place_arrays(arrays_);
  }

  std::uint64_t loop_rounds() const override { return (elements_ + of_round() - 1) / of_round(); }
  std::uint64_t alike_ctas() const override {
    return (elements_ - (loop_rounds() - 1) * of_round()) / (kThreads * kElements);
  }

  std::unique_ptr<Kernel> share(std::uint32_t shares) const override {
    const auto ctas = ctas_of_share(header_.cta_count(), shares, loop_rounds());
    if (!ctas) return nullptr;
    Layer part = layer_;
    part.rows = 1;
    part.columns = elements_ * *ctas / header_.cta_count();
    return std::make_unique<Dropout>(part, *ctas);
  }

  void fill(trace::Cta& into, std::uint64_t rounds) const override {
    WarpCode code(into);
    for (std::uint32_t warp = 0; warp < kThreads / 32; ++warp) {
      code.start_warp();
      chain(code, Op::integer, kIndex, 4);
      code.arithmetic(Op::integer, kAddress, {kIndex}, 8);
      philox(code);  // curand_init draws the first block
      for (std::uint64_t round = 0; round < rounds; ++round) {
        const std::uint64_t first =
            round * of_round() +
            (std::uint64_t{into.index[0]} * kThreads + std::uint64_t{warp} * 32) * kElements;
        if (first < elements_) add_elements(code, first);
      }
      code.end_warp();
    }
  }

 private:
  std::uint64_t of_round() const { return std::uint64_t{header_.grid[0]} * kThreads * kElements; }

  // Ten rounds, each on what the last one made: two products of 32 bits, both halves of which are
  // used, two exclusive ors of three and two steps of the key. Then the counter's 128 bits go on.
  static void philox(WarpCode& code) {
    for (int round = 0; round < 10; ++round) {
      code.arithmetic(Op::integer, kRandom, {kRandom}, 4);
      code.arithmetic(Op::integer, kRandom, {kRandom}, 4);
    }
    code.arithmetic(Op::integer, kIndex, {kIndex}, 5);
  }

  void add_elements(WarpCode& code, std::uint64_t first) const {
    const std::uint32_t bytes = bytes_of(layer_.type) * kElements;
    const std::uint32_t mask = first_lanes((elements_ - first + kElements - 1) / kElements);
    const auto lanes = [&](std::size_t array, std::uint32_t width) {
      return Lanes{mask, arrays_[array].address + first / kElements * width, width, width};
    };
    code.load(kInput, kAddress, lanes(0, bytes));
    philox(code);
    // Each of the four becomes a number from 0 to 1, is compared, and scales its element.
    code.arithmetic(Op::conversion, kRandom, {kRandom}, kElements);
    code.arithmetic(Op::fp32, kRandom, {kRandom}, kElements);
    code.arithmetic(Op::integer, kRandom, {kRandom}, 2 * kElements);
    code.arithmetic(Op::fp32, kResult, {kRandom, kInput}, 2 * kElements);
    if (bytes < 4 * kElements) code.arithmetic(Op::conversion, kResult, {kResult}, kElements);
    code.store(kResult, kAddress, lanes(1, bytes));
    code.store(kRandom, kAddress, lanes(2, kElements));
    code.arithmetic(Op::integer, kAddress, {kAddress}, 4);
    code.control(Op::barrier);
    code.control(Op::branch);
  }

  Layer layer_;
  std::uint64_t elements_;
};

}  // namespace

std::unique_ptr<Kernel> dropout_kernel(const Layer& layer, const device::GpuSpec& gpu) {
  const std::uint64_t of_sm = gpu.sm.max_warps * trace::kWarpLanes / kThreads;
  return std::make_unique<Dropout>(layer, std::max<std::uint64_t>(of_sm * gpu.sms, 1));
}

}  // namespace strobe::layers
