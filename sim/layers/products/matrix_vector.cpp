#include "sim/layers/products/matrix_vector.h"

#include <algorithm>
#include <array>

#include "sim/layers/common/row_code.h"
#include "sim/layers/common/warp_code.h"

namespace strobe::layers {
namespace {

using trace::Op;

constexpr std::uint32_t kWarps = 4, kAhead = 8, kVectorBytes = 16;
constexpr Register kIndex = 1, kAddress = 2, kVector = 4, kSum = 8, kWeights = 32;

// llama.cpp's q4_0 and q8_0 have a 16-bit scale for 32 weights; NVFP4 an FP8 scale for 16, MXFP4 an
// 8-bit exponent for 32 (OCP Microscaling Formats 1.0). Unpacking four weights takes a mask, a
// shift or a byte permutation each two, and a share of the scale.
constexpr std::array<WeightFormat, 9> kFormats{{{"fp32", 1, 4, 0},
                                                {"fp16", 1, 2, 2},
                                                {"bf16", 1, 2, 4},
                                                {"fp8", 1, 1, 4, true},
                                                {"int8", 1, 1, 2},
                                                {"q8_0", 32, 34, 1},
                                                {"q4_0", 32, 18, 3},
                                                {"nvfp4", 16, 9, 5, true},
                                                {"mxfp4", 32, 17, 5, true}}};

const WeightFormat& format_of(const Layer& layer) {
  return *weight_format_named(layer.weights.empty() ? name_of(layer.type) : layer.weights);
}

class Gemv : public Kernel {
 public:
  explicit Gemv(const Layer& layer)
      : layer_(layer), format_(format_of(layer)), element_bytes_(bytes_of(layer.type)) {
    header_.name = "gemv_" + std::string(format_.name);
    warps_ = format_.block > 1 ? 4 : 8;
    header_.grid[0] = static_cast<std::uint32_t>(layer.n);
    header_.block = {32, warps_, 1};
    header_.shared_bytes = warps_ * 4;
    header_.registers = 32 + kAhead * 4 + static_cast<std::uint32_t>(layer.m) * 2;
    row_bytes_ = format_.bytes(layer.k);
    arrays_ = {{layer.m * layer.k * element_bytes_, false},
               {layer.n * row_bytes_, false},
               {layer.m * layer.n * element_bytes_, true}};
    place_arrays(arrays_);
  }

  std::unique_ptr<Kernel> share(std::uint32_t shares) const override {
    const auto ctas = ctas_of_share(header_.cta_count(), shares);
    if (!ctas) return nullptr;
    Layer layer = layer_;
    layer.n = *ctas;
    return std::make_unique<Gemv>(layer);
  }

  void fill(trace::Cta& into, std::uint64_t) const override {
    WarpCode code(into);
    for (std::uint32_t warp = 0; warp < warps_; ++warp) {
      code.start_warp();
      chain(code, Op::integer, kIndex, 4);
      code.arithmetic(Op::integer, kAddress, {kIndex}, 6);
      add_row(code, into.index[0], warp);
      code.end_warp();
    }
  }

 private:
  // The warps take the row's loads in turn.
  void add_row(WarpCode& code, std::uint64_t row, std::uint32_t warp) const {
    const std::uint64_t vectors = (row_bytes_ + kVectorBytes - 1) / kVectorBytes;
    const std::uint64_t all = (vectors + 31) / 32;
    const std::uint64_t loads = all > warp ? (all - warp + warps_ - 1) / warps_ : 0;
    const std::uint64_t start = arrays_[1].address + row * row_bytes_;
    for (std::uint64_t first = 0; first < loads; first += kAhead) {
      const std::uint64_t end = std::min(first + kAhead, loads);
      for (std::uint64_t i = first; i < end; ++i) {
        const std::uint64_t load = i * warps_ + warp;
        code.load(static_cast<Register>(kWeights + i % kAhead), kAddress,
                  {first_lanes(vectors - load * 32), start + load * 32 * kVectorBytes, kVectorBytes,
                   kVectorBytes});
      }
      for (std::uint64_t i = first; i < end; ++i) {
        multiply(code, i * warps_ + warp, static_cast<Register>(kWeights + i % kAhead));
      }
      code.arithmetic(Op::integer, kAddress, {kAddress}, 2);
      code.control(Op::branch);
    }
    for (std::uint64_t i = 0; i < layer_.m; ++i) {
      reduce_block(code, kSum, Op::fp32, {warp, warps_});
    }
    if (warp > 0) return;
    const Lanes result{first_lanes(layer_.m), arrays_[2].address + row * element_bytes_,
                       static_cast<std::int64_t>(layer_.n * element_bytes_), element_bytes_};
    code.store(kSum, kAddress, result);
  }

  // The elements that a load's 16 bytes are multiplied with, of each vector.
  void multiply(WarpCode& code, std::uint64_t load, Register weights) const {
    const std::uint32_t elements = kVectorBytes * format_.block / format_.block_bytes;
    const std::uint32_t reads = std::max(elements * element_bytes_ / kVectorBytes, 1U);
    code.arithmetic(Op::integer, weights, {weights}, elements * format_.integer_of_four / 4);
    for (std::uint64_t vector = 0; vector < layer_.m; ++vector) {
      const std::uint64_t first = std::min(load * 32 * elements, layer_.k - 1);
      const std::uint64_t base = arrays_[0].address + (vector * layer_.k + first) * element_bytes_;
      for (std::uint32_t i = 0; i < reads; ++i) {
        code.load(kVector, kAddress,
                  {0xFFFFFFFF, base + std::uint64_t{i} * 512, kVectorBytes, kVectorBytes});
      }
      if (element_bytes_ < 4) code.arithmetic(Op::integer, kVector, {kVector}, elements / 2);
      code.arithmetic(Op::fp32, kSum, {kSum, weights, kVector}, elements);
    }
  }

  Layer layer_;
  WeightFormat format_;
  std::uint32_t element_bytes_;
  std::uint32_t warps_ = 0;
  std::uint64_t row_bytes_ = 0;
};

constexpr std::uint64_t kKeysOfPart = 256;

class DecodeAttention : public Kernel {
 public:
  explicit DecodeAttention(const Layer& layer)
      : layer_(layer), element_bytes_(bytes_of(layer.type)), parts_(decode_attention_parts(layer)) {
    header_.name = "flash_fwd_splitkv_kernel";
    header_.grid = {parts_, static_cast<std::uint32_t>(layer.batch), 1};
    header_.block = {32, kWarps, 1};
    header_.registers = 96;
    header_.shared_bytes = static_cast<std::uint32_t>(layer.m * layer.k * 4);
    const std::uint64_t keys = layer.batch * layer.n * layer.k * element_bytes_;
    arrays_ = {{layer.batch * layer.m * layer.k * element_bytes_, false},
               {keys, false},
               {keys, false},
               {layer.batch * parts_ * layer.m * layer.k * 4, true}};
    place_arrays(arrays_);
  }

  std::unique_ptr<Kernel> share(std::uint32_t shares) const override {
    if (layer_.batch % shares != 0 || !ctas_of_share(header_.cta_count(), shares)) return nullptr;
    Layer layer = layer_;
    layer.batch /= shares;
    return std::make_unique<DecodeAttention>(layer);
  }

  void fill(trace::Cta& into, std::uint64_t) const override {
    WarpCode code(into);
    const std::uint64_t part = into.index[0], group = into.index[1];
    const std::uint64_t first = part * kKeysOfPart, end = std::min(first + kKeysOfPart, layer_.n);
    for (std::uint32_t warp = 0; warp < kWarps; ++warp) {
      code.start_warp();
      chain(code, Op::integer, kIndex, 4);
      code.arithmetic(Op::integer, kAddress, {kIndex}, 8);
      load_rows(code, arrays_[0].address + group * layer_.m * layer_.k * element_bytes_,
                layer_.m * layer_.k * element_bytes_);
      const std::uint64_t quarter = (end - first + kWarps - 1) / kWarps;
      const std::uint64_t begin = std::min(first + warp * quarter, end);
      const std::uint64_t row = layer_.k * element_bytes_;
      const std::uint64_t bytes = (std::min(begin + quarter, end) - begin) * row;
      for (const std::size_t array : {1UL, 2UL}) {
        load_rows(code, arrays_[array].address + (group * layer_.n + begin) * row, bytes);
        // A product with each query, and the exponentials of the scores between the two.
        if (array == 1) code.arithmetic(Op::special, kSum, {kSum}, 8);
      }
      reduce_block(code, kSum, Op::fp32, {warp, kWarps});
      if (warp == 0) write_part(code, group * parts_ + part);
      code.end_warp();
    }
  }

 private:
  void load_rows(WarpCode& code, std::uint64_t address, std::uint64_t bytes) const {
    const std::uint64_t vectors = (bytes + kVectorBytes - 1) / kVectorBytes;
    const std::uint64_t loads = (vectors + 31) / 32;
    for (std::uint64_t first = 0; first < loads; first += kAhead) {
      const std::uint64_t end = std::min(first + kAhead, loads);
      for (std::uint64_t i = first; i < end; ++i) {
        code.load(static_cast<Register>(kWeights + i % kAhead), kAddress,
                  {first_lanes(vectors - i * 32), address + i * 512, kVectorBytes, kVectorBytes});
      }
      const std::uint32_t elements = kVectorBytes / element_bytes_;
      for (std::uint64_t i = first; i < end; ++i) {
        const auto weights = static_cast<Register>(kWeights + i % kAhead);
        code.arithmetic(Op::fp32, kSum, {kSum, weights},
                        elements * static_cast<std::uint32_t>(layer_.m));
      }
      code.control(Op::branch);
    }
  }

  void write_part(WarpCode& code, std::uint64_t part) const {
    const std::uint64_t bytes = layer_.m * layer_.k * 4;
    for (std::uint64_t at = 0; at < bytes; at += 512) {
      code.store(kSum, kAddress,
                 {first_lanes((bytes - at + 15) / 16), arrays_[3].address + part * bytes + at,
                  kVectorBytes, kVectorBytes});
    }
  }

  Layer layer_;
  std::uint32_t element_bytes_;
  std::uint32_t parts_;
};

}  // namespace

const WeightFormat* weight_format_named(std::string_view name) {
  const auto* const found =
      std::find_if(kFormats.begin(), kFormats.end(),
                   [&](const WeightFormat& format) { return format.name == name; });
  return found == kFormats.end() ? nullptr : found;
}

std::unique_ptr<Kernel> gemv_kernel(const Layer& layer) {
  return std::make_unique<Gemv>(layer);
}

std::unique_ptr<Kernel> decode_attention_kernel(const Layer& layer) {
  return std::make_unique<DecodeAttention>(layer);
}

std::uint32_t decode_attention_parts(const Layer& layer) {
  return static_cast<std::uint32_t>((layer.n + kKeysOfPart - 1) / kKeysOfPart);
}

}  // namespace strobe::layers
