#include "sim/layers/products/weight_only.h"

#include <algorithm>

#include "sim/layers/common/warp_code.h"

namespace strobe::layers {
namespace {

using trace::Op;

constexpr std::uint32_t kWarps = 8, kVectorBytes = 16;
constexpr std::uint64_t kOfWarp = 1024, kOfCta = kWarps * kOfWarp;  // elements
constexpr Register kIndex = 1, kAddress = 2, kPacked = 8, kValues = 16;

// dequantize_block: 32 elements a thread, in vectors.
class Unpack : public Kernel {
 public:
  Unpack(const WeightFormat& format, DataType type, std::uint64_t row_bytes, std::uint64_t elements)
      : format_(format), type_(type), row_bytes_(row_bytes), elements_(elements) {
    header_.name = "dequantize_block_" + std::string(format.name);
    header_.grid[0] = static_cast<std::uint32_t>((elements + kOfCta - 1) / kOfCta);
    header_.block[0] = kWarps * trace::kWarpLanes;
    header_.registers = 40;
    arrays_ = {
        {row_bytes, false}, {elements * bytes_of(type), true}, {format.bytes(elements), false}};
    place_arrays(arrays_);
  }

  std::unique_ptr<Kernel> share(std::uint32_t shares) const override {
    const auto ctas = ctas_of_share(header_.cta_count(), shares);
    if (!ctas) return nullptr;
    return std::make_unique<Unpack>(format_, type_, row_bytes_, *ctas * kOfCta);
  }

  void fill(trace::Cta& into, std::uint64_t) const override {
    WarpCode code(into);
    for (std::uint32_t warp = 0; warp < kWarps; ++warp) {
      const std::uint64_t first = into.index[0] * kOfCta + warp * kOfWarp;
      code.start_warp();
      chain(code, Op::integer, kIndex, 4);
      code.arithmetic(Op::integer, kAddress, {kIndex}, 6);
      if (first < elements_) add_elements(code, first, std::min(kOfWarp, elements_ - first));
      code.end_warp();
    }
  }

 private:
  // Calls `each(lanes)` for the warp's accesses to so many bytes.
  template <class Each>
  static void for_each_vector(std::uint64_t address, std::uint64_t bytes, const Each& each) {
    constexpr std::uint64_t kOfAccess = std::uint64_t{kVectorBytes} * trace::kWarpLanes;
    for (std::uint64_t at = 0; at < bytes; at += kOfAccess) {
      each(Lanes{first_lanes((bytes - at + kVectorBytes - 1) / kVectorBytes), address + at,
                 kVectorBytes, kVectorBytes});
    }
  }

  void add_elements(WarpCode& code, std::uint64_t first, std::uint64_t count) const {
    std::uint32_t loads = 0;
    for_each_vector(arrays_[2].address + format_.bytes(first), format_.bytes(count),
                    [&](const Lanes& lanes) {
                      code.load(static_cast<Register>(kPacked + loads++), kAddress, lanes);
                    });
    const auto of_thread = static_cast<std::uint32_t>(count / trace::kWarpLanes);
    for (std::uint32_t i = 0; i < loads; ++i) {
      code.arithmetic(Op::integer, kValues, {static_cast<Register>(kPacked + i)},
                      of_thread * format_.integer_of_four / (4 * loads));
    }
    code.arithmetic(Op::fp32, kValues, {kValues}, of_thread);  // times the scale
    if (bytes_of(type_) < 4) code.arithmetic(Op::conversion, kValues, {kValues}, of_thread / 2);
    for_each_vector(arrays_[1].address + first * bytes_of(type_), count * bytes_of(type_),
                    [&](const Lanes& lanes) { code.store(kValues, kAddress, lanes); });
  }

  WeightFormat format_;
  DataType type_;
  std::uint64_t row_bytes_, elements_;
};

}  // namespace

bool has_packed_weights(const Layer& layer) {
  return layer.op == Operator::linear && !layer.weights.empty();
}

std::unique_ptr<Kernel> unpack_kernel(const Layer& layer) {
  const std::uint64_t row_bytes = layer.m * layer.k * bytes_of(layer.type);
  return std::make_unique<Unpack>(*weight_format_named(layer.weights), layer.type, row_bytes,
                                  layer.n * layer.k);
}

Layer unpacked(Layer layer) {
  layer.weights.clear();
  return layer;
}

}  // namespace strobe::layers
