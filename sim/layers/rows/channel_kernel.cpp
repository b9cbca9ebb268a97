#include "sim/layers/rows/channel_kernel.h"

#include <algorithm>
#include <array>

#include "sim/layers/common/row_code.h"
#include "sim/layers/common/warp_code.h"

namespace strobe::layers {
namespace {

using trace::Op;

constexpr std::uint32_t kWarps = 16;
constexpr Register kIndex = 1, kAddress = 2, kSum = 4, kResult = 12, kFirstElement = 16;

struct ChannelOperator {
  std::string_view name, kernel;
  std::uint32_t inputs;
  bool has_result;            // a second pass writes one
  std::uint32_t sum, result;  // FP32 instructions for an element in each pass
};
// Sum and sum of squares, then a scale and a shift; the gradient's sums are of dy and of dy times
// the normalised x, and its result needs both.
constexpr std::array<ChannelOperator, 3> kOperators{
    {{"batch_norm", "bn_fw_tr_1C11_kernel_NCHW", 1, true, 3, 2},
     {"batch_norm_backward", "bn_bw_1C11_kernel_new", 2, true, 4, 4},
     {"channel_sum", "reduce_kernel", 1, false, 1, 0}}};

const ChannelOperator& operator_named(std::string_view name) {
  return *std::find_if(kOperators.begin(), kOperators.end(),
                       [&](const ChannelOperator& op) { return op.name == name; });
}

class ChannelKernel : public Kernel {
 public:
  ChannelKernel(const Layer& layer, const ChannelOperator& op)
      : layer_(layer),
        image_(layer.image),
        op_(op),
        element_bytes_(bytes_of(layer.type)),
        width_(image_.pixels() % (16 / element_bytes_) == 0 ? 16 / element_bytes_ : 1) {
    header_.name = op.kernel;
    header_.grid[0] =
        static_cast<std::uint32_t>(is_matrix() ? (image_.channels + 31) / 32 : image_.channels);
    header_.block[0] = kWarps * 32;
    header_.registers = 16 + 2 * width_ * op.inputs;
    header_.shared_bytes = kWarps * 4 * 2;
    const std::uint64_t bytes = image_.images * image_.channels * image_.pixels() * element_bytes_;
    arrays_.assign(op.inputs, {bytes, false});
    if (op.has_result) arrays_.push_back({bytes, true});
    arrays_.push_back({image_.channels * 4 * 4, true});
    place_arrays(arrays_);
  }

  std::unique_ptr<Kernel> share(std::uint32_t shares) const override {
    const auto ctas = ctas_of_share(header_.cta_count(), shares, loop_rounds());
    if (!ctas) return nullptr;
    Layer layer = layer_;
    layer.image.channels = is_matrix() ? *ctas * 32 : *ctas;
    return std::make_unique<ChannelKernel>(layer, op_);
  }

  std::uint64_t loop_rounds() const override {
    if (is_matrix()) return (image_.images + kWarps - 1) / kWarps;
    const std::uint64_t of_round = std::uint64_t{kWarps} * 32 * width_;
    return (image_.images * image_.pixels() + of_round - 1) / of_round;
  }

  void fill(trace::Cta& into, std::uint64_t rounds) const override {
    WarpCode code(into);
    const std::uint64_t channel = into.index[0];
    for (std::uint32_t warp = 0; warp < kWarps; ++warp) {
      code.start_warp();
      chain(code, Op::integer, kIndex, 4);
      code.arithmetic(Op::integer, kAddress, {kIndex}, 8);
      add_sums(code, channel, rounds, warp);
      reduce_block(code, kSum, Op::fp32, {warp, kWarps});
      if (op_.has_result) {
        code.arithmetic(Op::special, kSum, {kSum});
        chain(code, Op::fp32, kSum, 4);
        add_result(code, channel, rounds, warp);
      }
      if (warp == 0) {
        const std::uint64_t first = is_matrix() ? channel * 32 : channel;
        const std::uint64_t count = is_matrix() ? image_.channels - first : 1;
        code.store(kSum, kAddress,
                   {first_lanes(count), arrays_.back().address + first * 16, 16, 16});
      }
      code.end_warp();
    }
  }

 private:
  // The warp's vectors of the round, in any of the arrays.
  struct Vectors {
    std::uint32_t mask = 0;
    std::array<std::uint64_t, 32> offsets{};  // bytes
  };

  // Images of one pixel are the rows of a matrix.
  bool is_matrix() const { return image_.pixels() == 1; }

  Vectors vectors_of(std::uint64_t channel, std::uint64_t round, std::uint32_t warp) const {
    Vectors vectors;
    if (is_matrix()) {
      const std::uint64_t row = round * kWarps + warp;
      if (row >= image_.images) return vectors;
      const std::uint64_t first = channel * 32;
      vectors.mask = first_lanes(image_.channels - first);
      for (std::uint32_t lane = 0; lane < 32; ++lane) {
        vectors.offsets[lane] = (row * image_.channels + first + lane) * element_bytes_;
      }
      return vectors;
    }
    const std::uint64_t pixels = image_.pixels();
    const std::uint64_t first = ((round * kWarps + warp) * 32) * width_;
    std::uint32_t active = 0;
    for (std::uint32_t lane = 0; lane < 32; ++lane) {
      const std::uint64_t element = first + std::uint64_t{lane} * width_;
      if (element >= image_.images * pixels) break;
      const std::uint64_t plane = element / pixels * image_.channels + channel;
      vectors.mask |= 1U << lane;
      vectors.offsets[active++] = (plane * pixels + element % pixels) * element_bytes_;
    }
    return vectors;
  }

  void access(WarpCode& code, const Vectors& vectors, std::size_t array, Register value,
              bool stores) const {
    std::array<std::uint64_t, 32> addresses{};
    std::transform(vectors.offsets.begin(), vectors.offsets.end(), addresses.begin(),
                   [&](std::uint64_t offset) { return arrays_[array].address + offset; });
    const Lanes lanes{vectors.mask, 0, 0, width_ * element_bytes_};
    stores ? code.store(value, kAddress, lanes) : code.load(value, kAddress, lanes);
    code.list_addresses(addresses.data());
  }

  static Register element_register(std::uint64_t round, std::uint32_t input) {
    return static_cast<Register>(kFirstElement + round % 2 * 2 + input);
  }

  void read_inputs(WarpCode& code, std::uint64_t channel, std::uint64_t round,
                   std::uint32_t warp) const {
    const Vectors vectors = vectors_of(channel, round, warp);
    code.arithmetic(Op::integer, kAddress, {kAddress}, 2);
    for (std::uint32_t i = 0; i < op_.inputs; ++i) {
      access(code, vectors, i, element_register(round, i), false);
    }
  }

  // The loop is unrolled once: the loads of two rounds are under way together.
  void add_sums(WarpCode& code, std::uint64_t channel, std::uint64_t rounds,
                std::uint32_t warp) const {
    for (std::uint64_t round = 0; round < rounds; round += 2) {
      const std::uint64_t end = std::min(round + 2, rounds);
      for (std::uint64_t i = round; i < end; ++i) read_inputs(code, channel, i, warp);
      for (std::uint64_t i = round; i < end; ++i) {
        code.arithmetic(Op::fp32, kSum,
                        {kSum, element_register(i, 0), element_register(i, op_.inputs - 1)},
                        op_.sum * width_);
      }
      code.control(Op::branch);
    }
  }

  // Of a pass that is cut short the end is taken: what the first pass has just read is not what a
  // whole second pass would find in the caches.
  void add_result(WarpCode& code, std::uint64_t channel, std::uint64_t rounds,
                  std::uint32_t warp) const {
    const std::uint64_t all = loop_rounds();
    for (std::uint64_t round = all - rounds; round < all; round += 2) {
      const std::uint64_t end = std::min(round + 2, all);
      for (std::uint64_t i = round; i < end; ++i) read_inputs(code, channel, i, warp);
      for (std::uint64_t i = round; i < end; ++i) {
        code.arithmetic(Op::fp32, kResult,
                        {element_register(i, 0), element_register(i, op_.inputs - 1), kSum},
                        op_.result * width_);
        access(code, vectors_of(channel, i, warp), op_.inputs, kResult, true);
      }
      code.control(Op::branch);
    }
  }

  Layer layer_;
  ImageSizes image_;
  ChannelOperator op_;
  std::uint32_t element_bytes_;
  std::uint32_t width_;  // elements of a vector
};

}  // namespace

std::span<const std::string_view> channel_operators() {
  static const std::array<std::string_view, 3> kNames{kOperators[0].name, kOperators[1].name,
                                                      kOperators[2].name};
  return kNames;
}

std::unique_ptr<Kernel> channel_kernel(const Layer& layer) {
  return std::make_unique<ChannelKernel>(layer, operator_named(layer.name));
}

}  // namespace strobe::layers
