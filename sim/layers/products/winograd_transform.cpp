#include "sim/layers/products/winograd_transform.h"

#include <array>

#include "sim/layers/common/warp_code.h"

namespace strobe::layers {
namespace {

using trace::Op;

constexpr std::uint64_t kFloatBytes = 4;
constexpr std::uint32_t kThreads = 256;
constexpr Register kIndex = 1, kAddress = 2, kResult = 8, kRead = 32;

std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) {
  return (a + b - 1) / b;
}

// Elements that a thread reads and writes, and the additions and multiplications between (Lavin and
// Gray, section 4: for F(4x4, 3x3) 156 for the data, 72 for a filter, 90 for an output; for
// F(2x2, 3x3) 28 for a filter).
struct Work {
  std::string_view kernel;
  std::uint32_t reads, operations, writes;
};
constexpr std::array<Work, 4> kWork{{{"winogradForwardData4x4", 36, 156, 36},
                                     {"winogradForwardFilter4x4", 9, 72, 36},
                                     {"winogradForwardOutput4x4", 36, 90, 16},
                                     {"generateWinogradTilesKernel", 9, 28, 16}}};

class TransformKernel : public Kernel {
 public:
  TransformKernel(const Layer& layer, Transform transform,
                  const std::shared_ptr<const Kernel>& products, std::uint64_t ctas = 0)
      : layer_(layer),
        transform_(transform),
        work_(kWork[static_cast<std::size_t>(transform)]),
        products_(products),
        patches_(layer.image, 4) {
    const ImageSizes& image = layer.image;
    // Neighbouring threads take neighbours along what lies side by side in the elements.
    switch (transform) {
      case Transform::pixels:
        lines_ = image.channels;
        along_ = patches_.count;
        break;
      case Transform::filters:
        lines_ = image.filters;
        along_ = image.channels;
        break;
      case Transform::sums:
        lines_ = image.filters;
        along_ = patches_.count;
        break;
      case Transform::filters_of_fused:
        lines_ = image.channels;
        along_ = image.filters;
        break;
    }
    header_.name = std::string(work_.kernel);
    header_.grid[0] =
        static_cast<std::uint32_t>(ctas > 0 ? ctas : ceil_div(lines_ * along_, kThreads));
    header_.block[0] = kThreads;
    header_.registers = 24 + work_.reads + work_.writes / 2;
    list_arrays();
  }

  // Some of the lines.
  std::unique_ptr<Kernel> share(std::uint32_t shares) const override {
    // Filters are few: theirs take as long as one of them does, in a share as in the whole.
    const bool is_short =
        transform_ == Transform::filters || transform_ == Transform::filters_of_fused;
    const auto ctas = is_short ? std::optional(ceil_div(header_.cta_count(), shares))
                               : ctas_of_share(header_.cta_count(), shares);
    if (!ctas) return nullptr;
    Layer layer = layer_;
    const std::uint64_t lines = ceil_div(*ctas * kThreads, along_);
    const bool lines_are_channels =
        transform_ == Transform::pixels || transform_ == Transform::filters_of_fused;
    (lines_are_channels ? layer.image.channels : layer.image.filters) = lines;
    std::shared_ptr<const Kernel> products;
    if (products_ != nullptr) {
      products = products_->share(shares);
      if (products == nullptr) return nullptr;
    }
    return std::make_unique<TransformKernel>(layer, transform_, products, *ctas);
  }

  void fill(trace::Cta& into, std::uint64_t) const override {
    WarpCode code(into);
    const std::uint64_t items = lines_ * along_;
    for (std::uint32_t warp = 0; warp < kThreads / 32; ++warp) {
      const std::uint64_t first = std::uint64_t{into.index[0]} * kThreads + warp * 32;
      code.start_warp();
      chain(code, Op::integer, kIndex, 4);
      code.arithmetic(Op::integer, kAddress, {kIndex}, 16);
      if (first < items) transform_items(code, first);
      code.end_warp();
    }
  }

 private:
  void list_arrays() {
    const ImageSizes& image = layer_.image;
    const std::uint64_t read = lines_ * along_ * work_.reads * kFloatBytes;
    const std::uint64_t written = lines_ * along_ * work_.writes * kFloatBytes;
    const std::uint64_t images = image.images * image.channels * image.pixels() * kFloatBytes;
    const std::uint64_t outputs = image.images * image.filters * image.out_pixels() * kFloatBytes;
    switch (transform_) {
      case Transform::pixels:
        arrays_ = {{images, false}, {written, true}};
        break;
      case Transform::sums:
        arrays_ = {{read, false}, {outputs, true}};
        break;
      case Transform::filters:
      case Transform::filters_of_fused:
        arrays_ = {{read, false}, {written, true}};
        break;
    }
    place_beside_products();
  }

  // The elements where the products have them, and the rest behind all that.
  void place_beside_products() {
    Array& elements = arrays_[transform_ == Transform::sums ? 0 : 1];
    Array& others = arrays_[transform_ == Transform::sums ? 1 : 0];
    if (products_ == nullptr) {
      std::vector<Array> placed{elements, others};
      place_arrays(placed);
      elements = placed[0];
      others = placed[1];
      return;
    }
    const std::vector<Array>& of_products = products_->arrays();
    const std::size_t place = transform_ == Transform::filters  ? 0U
                              : transform_ == Transform::pixels ? 1U
                                                                : 2U;
    constexpr std::uint64_t kApart = 2 << 20;
    elements.address = of_products[place].address;
    others.address = of_products.back().address + kApart;
  }

  void transform_items(WarpCode& code, std::uint64_t first) const {
    for (std::uint32_t element = 0; element < work_.reads; ++element) {
      access(code, first, element, true);
    }
    // Each value goes into its part of the sums as it comes.
    for (std::uint32_t element = 0; element < work_.reads; ++element) {
      const std::uint32_t before = work_.operations * element / work_.reads;
      const std::uint32_t after = work_.operations * (element + 1) / work_.reads;
      code.arithmetic(Op::fp32, kResult, {static_cast<Register>(kRead + element)}, after - before);
    }
    for (std::uint32_t element = 0; element < work_.writes; ++element) {
      access(code, first, element, false);
    }
  }

  void access(WarpCode& code, std::uint64_t first, std::uint32_t element, bool reads) const {
    std::array<std::uint64_t, 32> addresses{};
    std::uint32_t mask = 0, active = 0;
    const Array& array = arrays_[reads ? 0 : 1];
    for (std::uint32_t lane = 0; lane < 32 && first + lane < lines_ * along_; ++lane) {
      const Item item{(first + lane) / along_, (first + lane) % along_};
      const std::optional<std::uint64_t> place =
          reads ? read_place(item, element) : written_place(item, element);
      if (!place) continue;
      mask |= 1U << lane;
      addresses[active++] = array.address + *place * kFloatBytes;
    }
    code.arithmetic(Op::integer, kAddress, {kAddress});
    const Lanes lanes{mask, 0, 0, kFloatBytes};
    if (reads) {
      code.load(static_cast<Register>(kRead + element), kAddress, lanes);
    } else {
      code.store(kResult, kAddress, lanes);
    }
    code.list_addresses(addresses.data());
  }

  struct Item {
    std::uint64_t line, at;
  };

  std::uint64_t element_place(const Item& item, std::uint32_t element) const {
    if (transform_ == Transform::filters_of_fused) {
      return (item.line * work_.writes + element) * along_ + item.at;
    }
    return (element * lines_ + item.line) * along_ + item.at;
  }

  std::optional<std::uint64_t> read_place(const Item& item, std::uint32_t element) const {
    const ImageSizes& image = layer_.image;
    switch (transform_) {
      case Transform::filters:
        return (item.line * along_ + item.at) * 9 + element;
      case Transform::filters_of_fused:
        return (item.at * lines_ + item.line) * 9 + element;
      case Transform::sums:
        return element_place(item, element);
      case Transform::pixels:
        break;
    }
    const std::uint64_t in_image = item.at % (patches_.rows * patches_.columns);
    const std::uint64_t nth = item.at / (patches_.rows * patches_.columns);
    // What lies before the image wraps round to a huge number.
    const std::uint64_t row = in_image / patches_.columns * 4 + element / 6 - image.padding;
    const std::uint64_t column = in_image % patches_.columns * 4 + element % 6 - image.padding;
    if (row >= image.height || column >= image.width) return std::nullopt;
    return ((nth * image.channels + item.line) * image.height + row) * image.width + column;
  }

  std::optional<std::uint64_t> written_place(const Item& item, std::uint32_t element) const {
    if (transform_ != Transform::sums) return element_place(item, element);
    const ImageSizes& image = layer_.image;
    const std::uint64_t in_image = item.at % (patches_.rows * patches_.columns);
    const std::uint64_t nth = item.at / (patches_.rows * patches_.columns);
    const std::uint64_t row = in_image / patches_.columns * 4 + element / 4;
    const std::uint64_t column = in_image % patches_.columns * 4 + element % 4;
    if (row >= image.out_height() || column >= image.out_width()) return std::nullopt;
    const std::uint64_t plane = nth * image.filters + item.line;
    return (plane * image.out_height() + row) * image.out_width() + column;
  }

  Layer layer_;
  Transform transform_;
  const Work& work_;
  std::shared_ptr<const Kernel> products_;
  Patches patches_;
  std::uint64_t lines_ = 0, along_ = 0;
};

}  // namespace

Patches::Patches(const ImageSizes& image, std::uint64_t outputs)
    : rows(ceil_div(image.out_height(), outputs)),
      columns(ceil_div(image.out_width(), outputs)),
      count(image.images * rows * columns) {}

std::unique_ptr<Kernel> transform_kernel(const Layer& layer, Transform transform,
                                         const std::shared_ptr<const Kernel>& products) {
  return std::make_unique<TransformKernel>(layer, transform, products);
}

}  // namespace strobe::layers
