#include "sim/layers/products/winograd.h"

#include <algorithm>
#include <array>

#include "sim/layers/common/warp_code.h"
#include "sim/layers/products/gemm.h"
#include "sim/layers/products/winograd_transform.h"

namespace strobe::layers {
namespace {

using trace::Op;

constexpr std::uint64_t kFloatBytes = 4;
constexpr std::uint32_t kWarps = 8, kFilters = 32, kPatches = 32, kElements = 16, kDepth = 8;
constexpr Register kIndex = 1, kAddress = 2, kAccumulators = 16, kFragments = 32, kPixels = 64,
                   kFilterWords = 96;

std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) {
  return (a + b - 1) / b;
}

// A thread makes 64 sums: of two of the 16 products of a channel, 8 x 4 each.
class FusedWinograd : public Kernel {
 public:
  FusedWinograd(const Layer& layer, const PatchBlock& block)
      : FusedWinograd(layer, block, ceil_div(layer.image.filters, kFilters)) {
    header_.grid = {
        static_cast<std::uint32_t>(ceil_div(image_.images, block.images) * filter_blocks_),
        static_cast<std::uint32_t>(block_rows_), static_cast<std::uint32_t>(block_columns_)};
  }

  // Some of the images; of the filters as many as there are CTAs to share each.
  std::unique_ptr<Kernel> share(std::uint32_t shares) const override {
    const auto ctas = ctas_of_share(header_.cta_count(), shares, loop_rounds());
    if (!ctas) return nullptr;
    Layer layer = layer_;
    const std::uint64_t of_image_group = filter_blocks_ * block_rows_ * block_columns_;
    layer.image.images = ceil_div(*ctas, of_image_group) * block_.images;
    auto part = std::unique_ptr<FusedWinograd>(
        new FusedWinograd(layer, block_, ceil_div(filter_blocks_, shares)));
    part->header_.grid = {static_cast<std::uint32_t>(*ctas), 1, 1};
    part->is_dealt_ = true;
    for (const std::size_t array : {1UL, 2UL}) {
      part->arrays_[array].bytes = arrays_[array].bytes * *ctas / header_.cta_count();
    }
    return part;
  }

  std::uint64_t loop_rounds() const override { return ceil_div(image_.channels, kDepth); }

  void fill(trace::Cta& into, std::uint64_t rounds) const override {
    const Place place = place_of(into.index);
    WarpCode code(into);
    for (std::uint32_t warp = 0; warp < kWarps; ++warp) {
      code.start_warp();
      chain(code, Op::integer, kIndex, 6);
      code.arithmetic(Op::integer, kAddress, {kIndex}, 14);
      code.arithmetic(Op::fp32, kAccumulators, {}, 64);
      request(code, place, warp, 0);
      for (std::uint64_t round = 0; round < rounds; ++round) {
        stage(code);
        if (round + 1 < rounds) request(code, place, warp, round + 1);
        multiply(code);
      }
      write_outputs(code, place, warp);
      code.end_warp();
    }
  }

 private:
  // The first of its images, patches' rows and patches' columns, and its block of filters.
  struct Place {
    std::uint64_t image, filters, row, column;
  };
  // A patch, by its first output.
  struct Patch {
    std::uint64_t image, row, column;
  };

  // Without a grid. Of the blocks of filters only `filter_strips` are different.
  FusedWinograd(const Layer& layer, const PatchBlock& block, std::uint64_t filter_strips)
      : layer_(layer),
        image_(layer.image),
        block_(block),
        filter_blocks_(ceil_div(image_.filters, kFilters)),
        filter_strips_(filter_strips),
        block_rows_(ceil_div(image_.out_height(), 2 * block.rows)),
        block_columns_(ceil_div(image_.out_width(), 2 * block.columns)) {
    header_.name = "scudnn_winograd_128x128_ldg1_ldg4";
    header_.block[0] = kWarps * 32;
    // Sums, two sets of fragments, pixels and filters on their way, and as many addresses as a
    // product of this size has (gemm.cpp).
    header_.registers = 64 + 2 * 16 + kElements + 16;
    header_.shared_bytes = kDepth * kElements * (kFilters + kPatches) * 4;
    const std::uint64_t filters =
        image_.channels * kElements * filter_strips_ * kFilters * kFloatBytes;
    // The filters first, so that they are where the kernel before left them.
    arrays_ = {{filters, false},
               {image_.images * image_.channels * image_.pixels() * kFloatBytes, false},
               {image_.images * image_.filters * image_.out_pixels() * kFloatBytes, true}};
    place_arrays(arrays_);
  }

  // A share's CTAs lie along x, image after image.
  Place place_of(const std::array<std::uint32_t, 3>& index) const {
    if (!is_dealt_) {
      return {index[0] / filter_blocks_ * block_.images, index[0] % filter_blocks_,
              index[1] * block_.rows, index[2] * block_.columns};
    }
    const std::uint64_t block = index[0] / filter_blocks_;
    return {block / (block_rows_ * block_columns_) * block_.images, index[0] % filter_blocks_,
            block % block_rows_ * block_.rows,
            block / block_rows_ % block_columns_ * block_.columns};
  }

  Patch patch_of(const Place& place, std::uint32_t lane) const {
    const std::uint64_t in_image = lane % (block_.rows * block_.columns);
    return {place.image + lane / (block_.rows * block_.columns),
            2 * (place.row + in_image / block_.columns),
            2 * (place.column + in_image % block_.columns)};
  }

  // Each lane takes the 16 pixels of a patch one by one, each warp another channel; four loads of
  // four filters each bring the block's.
  void request(WarpCode& code, const Place& place, std::uint32_t warp, std::uint64_t round) const {
    const std::uint64_t channel = round * kDepth + warp;
    for (std::uint32_t pixel = 0; pixel < kElements; ++pixel) {
      std::array<std::uint64_t, 32> addresses{};
      std::uint32_t mask = 0, active = 0;
      for (std::uint32_t lane = 0; lane < kPatches && channel < image_.channels; ++lane) {
        const Patch patch = patch_of(place, lane);
        // What lies before the image wraps round to a huge number.
        const std::uint64_t row = patch.row + pixel / 4 - image_.padding;
        const std::uint64_t column = patch.column + pixel % 4 - image_.padding;
        if (patch.image >= image_.images || row >= image_.height || column >= image_.width) {
          continue;
        }
        const std::uint64_t plane = patch.image * image_.channels + channel;
        mask |= 1U << lane;
        addresses[active++] =
            arrays_[1].address + ((plane * image_.height + row) * image_.width + column) * 4;
      }
      code.load(static_cast<Register>(kPixels + pixel), kAddress, {mask, 0, 0, kFloatBytes});
      code.list_addresses(addresses.data());
    }
    const std::uint64_t pitch = filter_strips_ * kFilters;
    for (std::uint32_t part = 0; part < 4; ++part) {
      std::array<std::uint64_t, 32> addresses{};
      const bool is_there = channel < image_.channels;
      for (std::uint32_t lane = 0; lane < 32; ++lane) {
        const std::uint64_t line = channel * kElements + part * 4 + lane / 8;
        const std::uint64_t filter = place.filters % filter_strips_ * kFilters + lane % 8 * 4;
        addresses[lane] = arrays_[0].address + (line * pitch + filter) * kFloatBytes;
      }
      code.load(static_cast<Register>(kFilterWords + part), kAddress,
                {is_there ? 0xFFFFFFFF : 0, 0, 0, 16});
      code.list_addresses(addresses.data());
    }
    code.arithmetic(Op::integer, kAddress, {kAddress}, 4);
  }

  // The 32 additions of a patch's transform, then everything goes to shared memory, once all warps
  // have read what was there.
  void stage(WarpCode& code) const {
    for (std::uint32_t pixel = 0; pixel < kElements; ++pixel) {
      const auto value = static_cast<Register>(kPixels + pixel);
      code.arithmetic(Op::fp32, kPixels, {value, kPixels}, 2);
    }
    code.control(Op::barrier);
    code.store<trace::Space::shared>(kPixels, kAddress, {0xFFFFFFFF, 0, 4, 4});
    code.repeat(kElements);
    for (std::uint32_t part = 0; part < 4; ++part) {
      code.store<trace::Space::shared>(static_cast<Register>(kFilterWords + part), kAddress,
                                       {0xFFFFFFFF, 0, 16, 16});
    }
    code.control(Op::barrier);
  }

  // Fragments of the next channel are read while this one's are multiplied: 16 words a thread, in
  // four reads, of which lanes in a row of the warp's rectangle read the same.
  void multiply(WarpCode& code) const {
    const auto read = [&](std::uint32_t set) {
      code.load<trace::Space::shared>(static_cast<Register>(kFragments + set), kAddress,
                                      {0xFFFFFFFF, 0, 0, 16});
      code.repeat(4);
    };
    read(0);
    for (std::uint32_t k = 0; k < kDepth; ++k) {
      if (k + 1 < kDepth) read((k + 1) % 2);
      multiply_add(code, kAccumulators, static_cast<Register>(kFragments + k % 2), {8, 8});
    }
    code.arithmetic(Op::integer, kNone, {kAddress}, 2);
    code.control(Op::branch);
  }

  // A patch's 16 sums come together by way of shared memory; 24 additions make its four outputs.
  void write_outputs(WarpCode& code, const Place& place, std::uint32_t warp) const {
    code.control(Op::barrier);
    for (std::uint32_t turn = 0; turn < kFilters / kWarps; ++turn) {
      code.store<trace::Space::shared>(kAccumulators, kAddress, {0xFFFFFFFF, 0, 16, 16});
      code.repeat(4);
      code.control(Op::barrier);
      code.load<trace::Space::shared>(kFragments, kAddress, {0xFFFFFFFF, 0, 4, 4});
      code.repeat(kElements);
      code.arithmetic(Op::fp32, kPixels, {kFragments}, 24);
      const std::uint64_t filter = place.filters * kFilters + turn * kWarps + warp;
      for (std::uint32_t output = 0; output < 4 && filter < image_.filters; ++output) {
        write_output(code, place, filter, output);
      }
    }
  }

  void write_output(WarpCode& code, const Place& place, std::uint64_t filter,
                    std::uint32_t output) const {
    std::array<std::uint64_t, 32> addresses{};
    std::uint32_t mask = 0, active = 0;
    for (std::uint32_t lane = 0; lane < kPatches; ++lane) {
      const Patch patch = patch_of(place, lane);
      const std::uint64_t row = patch.row + output / 2, column = patch.column + output % 2;
      const bool is_there =
          patch.image < image_.images && row < image_.out_height() && column < image_.out_width();
      if (!is_there) continue;
      const std::uint64_t plane = patch.image * image_.filters + filter;
      mask |= 1U << lane;
      addresses[active++] = arrays_[2].address +
                            ((plane * image_.out_height() + row) * image_.out_width() + column) * 4;
    }
    code.store(kPixels, kAddress, {mask, 0, 0, kFloatBytes});
    code.list_addresses(addresses.data());
  }

  Layer layer_;
  ImageSizes image_;
  PatchBlock block_;
  std::uint64_t filter_blocks_, filter_strips_, block_rows_, block_columns_;
  bool is_dealt_ = false;
};

constexpr std::array<PatchBlock, 4> kBlocks{{{1, 4, 8}, {2, 2, 8}, {2, 4, 4}, {4, 1, 8}}};

}  // namespace

bool is_winograd(const Layer& layer) {
  const ImageSizes& image = layer.image;
  return layer.op == Operator::convolution && layer.type == DataType::fp32 && image.stride == 1 &&
         image.kernel_height == 3 && image.kernel_width == 3;
}

std::uint64_t fused_ctas(const Layer& layer, const PatchBlock& block) {
  const ImageSizes& image = layer.image;
  return ceil_div(image.images, block.images) * ceil_div(image.filters, kFilters) *
         ceil_div(image.out_height(), 2 * block.rows) *
         ceil_div(image.out_width(), 2 * block.columns);
}

PatchBlock choose_patches(const Layer& layer) {
  return *std::ranges::min_element(
      kBlocks, {}, [&](const PatchBlock& block) { return fused_ctas(layer, block); });
}

std::optional<PatchBlock> patches_in(std::string_view kernel) {
  constexpr std::string_view kLabel = "_tile";
  const std::size_t at = kernel.find(kLabel);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view digits = kernel.substr(at + kLabel.size(), 3);
  for (const PatchBlock& block : kBlocks) {
    if (digits == std::to_string(block.images * 100 + block.rows * 10 + block.columns))
      return block;
  }
  return std::nullopt;
}

std::vector<std::unique_ptr<Kernel>> fused_winograd_kernels(const Layer& layer,
                                                            const PatchBlock& block) {
  std::vector<std::unique_ptr<Kernel>> kernels;
  kernels.push_back(transform_kernel(layer, Transform::filters_of_fused, nullptr));
  kernels.push_back(std::make_unique<FusedWinograd>(layer, block));
  return kernels;
}

Layer winograd_products(const Layer& layer) {
  Layer products;
  products.op = Operator::bmm;
  products.name = "bmm";
  products.batch = 36;
  products.m = layer.image.filters;
  products.n = Patches(layer.image, 4).count;
  products.k = layer.image.channels;
  return products;
}

std::vector<std::unique_ptr<Kernel>> winograd_kernels_apart(const Layer& layer,
                                                            const GemmPlan& plan) {
  const Layer products = winograd_products(layer);
  const std::shared_ptr<const Kernel> shared = gemm_kernel(products, plan);
  std::vector<std::unique_ptr<Kernel>> kernels;
  kernels.push_back(transform_kernel(layer, Transform::pixels, shared));
  kernels.push_back(transform_kernel(layer, Transform::filters, shared));
  kernels.push_back(gemm_kernel(products, plan));
  kernels.push_back(transform_kernel(layer, Transform::sums, shared));
  return kernels;
}

}  // namespace strobe::layers
