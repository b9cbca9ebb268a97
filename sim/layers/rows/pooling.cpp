#include "sim/layers/rows/pooling.h"

#include <algorithm>
#include <array>

#include "sim/layers/common/warp_code.h"

namespace strobe::layers {
namespace {

using trace::Op;

constexpr std::uint32_t kThreads = 256;
constexpr std::uint64_t kPlaceBytes = 8;
constexpr Register kIndex = 1, kAddress = 2, kPlace = 4, kFound = 8, kResult = 16;
constexpr std::array<std::string_view, 4> kNames{"max_pool", "max_pool_backward", "avg_pool",
                                                 "avg_pool_backward"};

// The lanes of a warp that access something, and where.
struct Access {
  std::uint32_t mask = 0, active = 0;
  std::array<std::uint64_t, 32> elements{};

  void add(std::uint32_t lane, std::uint64_t element) {
    mask |= 1U << lane;
    elements[active++] = element;
  }
};

void load(WarpCode& code, Register value, const Access& access, std::uint64_t array,
          std::uint32_t bytes) {
  std::array<std::uint64_t, 32> addresses{};
  std::transform(access.elements.begin(), access.elements.begin() + access.active,
                 addresses.begin(), [&](std::uint64_t element) { return array + element * bytes; });
  code.load(value, kAddress, {access.mask, 0, 0, bytes});
  code.list_addresses(addresses.data());
}

class Pooling : public Kernel {
 public:
  explicit Pooling(const Layer& layer)
      : layer_(layer),
        image_(layer.image),
        element_bytes_(bytes_of(layer.type)),
        is_maximum_(layer.name.starts_with("max")),
        is_backward_(layer.name.ends_with("backward")) {
    const std::uint64_t planes = image_.images * image_.channels;
    const std::uint64_t inputs = planes * image_.pixels(), outputs = planes * image_.out_pixels();
    threads_ = is_backward_ ? inputs : outputs;
    header_.name = layer.name + "_nchw";
    header_.grid[0] = static_cast<std::uint32_t>((threads_ + kThreads - 1) / kThreads);
    header_.block[0] = kThreads;
    header_.registers = 32;
    arrays_ = {{inputs * element_bytes_, is_backward_}, {outputs * element_bytes_, !is_backward_}};
    if (is_maximum_) arrays_.push_back({outputs * kPlaceBytes, !is_backward_});
    place_arrays(arrays_);
  }

  // Some of the planes: it does not matter of which images they are.
  std::unique_ptr<Kernel> share(std::uint32_t shares) const override {
    const std::uint64_t planes = image_.images * image_.channels;
    const auto of_share = ctas_of_share(planes, shares);
    if (!of_share || !ctas_of_share(header_.cta_count(), shares)) return nullptr;
    Layer layer = layer_;
    layer.image.images = 1;
    layer.image.channels = *of_share;
    return std::make_unique<Pooling>(layer);
  }

  void fill(trace::Cta& into, std::uint64_t) const override {
    WarpCode code(into);
    for (std::uint32_t warp = 0; warp < kThreads / 32; ++warp) {
      const std::uint64_t first = std::uint64_t{into.index[0]} * kThreads + warp * 32;
      code.start_warp();
      // The thread's index, and from it by two divisions the plane, row and column.
      chain(code, Op::integer, kIndex, 4);
      code.arithmetic(Op::integer, kAddress, {kIndex}, 16);
      if (first < threads_) {
        is_backward_ ? gather_gradient(code, first) : reduce_window(code, first);
      }
      code.end_warp();
    }
  }

 private:
  struct Pixel {
    std::uint64_t plane, row, column;
  };
  static Pixel pixel_of(std::uint64_t element, std::uint64_t height, std::uint64_t width) {
    return {element / (height * width), element % (height * width) / width, element % width};
  }

  void reduce_window(WarpCode& code, std::uint64_t first) const {
    for (std::uint64_t tap = 0; tap < image_.taps(); ++tap) {
      Access access;
      for (std::uint32_t lane = 0; lane < 32 && first + lane < threads_; ++lane) {
        const Pixel out = pixel_of(first + lane, image_.out_height(), image_.out_width());
        const std::uint64_t row =
            out.row * image_.stride + tap / image_.kernel_width - image_.padding;
        const std::uint64_t column =
            out.column * image_.stride + tap % image_.kernel_width - image_.padding;
        if (row >= image_.height || column >= image_.width) continue;
        access.add(lane, (out.plane * image_.height + row) * image_.width + column);
      }
      code.arithmetic(Op::integer, kAddress, {kAddress}, 2);
      load(code, kFound, access, arrays_[0].address, element_bytes_);
      code.arithmetic(is_maximum_ ? Op::integer : Op::fp32, kResult, {kResult, kFound},
                      is_maximum_ ? 3 : 1);  // a comparison and two selections, or a sum
      code.control(Op::branch);
    }
    const std::uint32_t lanes = first_lanes(threads_ - first);
    code.store(
        kResult, kAddress,
        {lanes, arrays_[1].address + first * element_bytes_, element_bytes_, element_bytes_});
    if (is_maximum_) {
      code.store(kResult, kAddress, {lanes, arrays_[2].address + first * kPlaceBytes, 8, 8});
    }
  }

  // The windows that cover a pixel begin at the last one that does and go back a stride at a time.
  void gather_gradient(WarpCode& code, std::uint64_t first) const {
    const std::uint64_t down = (image_.kernel_height - 1) / image_.stride + 1;
    const std::uint64_t across = (image_.kernel_width - 1) / image_.stride + 1;
    for (std::uint64_t window = 0; window < down * across; ++window) {
      Access access;
      for (std::uint32_t lane = 0; lane < 32 && first + lane < threads_; ++lane) {
        const Pixel in = pixel_of(first + lane, image_.height, image_.width);
        const std::uint64_t row = (in.row + image_.padding) / image_.stride - window / across;
        const std::uint64_t column = (in.column + image_.padding) / image_.stride - window % across;
        if (row >= image_.out_height() || column >= image_.out_width()) continue;
        const bool is_under =
            in.row + image_.padding - row * image_.stride < image_.kernel_height &&
            in.column + image_.padding - column * image_.stride < image_.kernel_width;
        if (!is_under) continue;
        access.add(lane, (in.plane * image_.out_height() + row) * image_.out_width() + column);
      }
      code.arithmetic(Op::integer, kAddress, {kAddress}, 2);
      if (is_maximum_) {
        load(code, kPlace, access, arrays_[2].address, 8);
        code.arithmetic(Op::integer, kNone, {kPlace, kIndex}, 2);
      }
      load(code, kFound, access, arrays_[1].address, element_bytes_);
      code.arithmetic(Op::fp32, kResult, {kResult, kFound});
      code.control(Op::branch);
    }
    code.store(kResult, kAddress,
               {first_lanes(threads_ - first), arrays_[0].address + first * element_bytes_,
                element_bytes_, element_bytes_});
  }

  Layer layer_;
  ImageSizes image_;
  std::uint32_t element_bytes_;
  bool is_maximum_, is_backward_;
  std::uint64_t threads_ = 0;
};

}  // namespace

std::span<const std::string_view> pooling_operators() {
  return kNames;
}

std::unique_ptr<Kernel> pooling_kernel(const Layer& layer) {
  return std::make_unique<Pooling>(layer);
}

}  // namespace strobe::layers
