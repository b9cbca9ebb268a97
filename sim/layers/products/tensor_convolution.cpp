#include "sim/layers/products/tensor_convolution.h"

namespace strobe::layers {
namespace {

using Lines = WindowPlaces::Lines;

constexpr std::uint32_t kAlignedBytes = 16;

std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) {
  return (a + b - 1) / b;
}

ImageSizes stored(const Layer& layer) {
  const std::uint64_t unit = kAlignedBytes / bytes_of(layer.type);
  ImageSizes sizes = layer.image;
  sizes.channels = ceil_div(sizes.channels, unit) * unit;
  sizes.filters = ceil_div(sizes.filters, unit) * unit;
  return sizes;
}

// A window of one pixel that goes over every pixel is the matrix itself.
Places windows_of(const ImageSizes& sizes, Lines lines) {
  const bool is_pointwise = sizes.taps() == 1 && sizes.stride == 1 && sizes.padding == 0;
  if (!is_pointwise) return ChannelsLastPlaces{lines, sizes};
  if (lines == Lines::taps) return MatrixPlaces{1, sizes.channels};
  return MatrixPlaces{lines == Lines::inputs ? sizes.filters : sizes.channels, 1};
}

void forward(const ImageSizes& sizes, TensorProduct& product) {
  product.rows = sizes.images * sizes.out_pixels();
  product.columns = sizes.filters;
  product.k = sizes.taps() * sizes.channels;
  product.of_rows = {0, windows_of(sizes, Lines::outputs), true, 1, 0, 0};
  product.of_columns = {1, MatrixPlaces{product.k, 1}, true, 1, 0, 0};
}

void data_gradient(const ImageSizes& sizes, TensorProduct& product) {
  const std::uint64_t skipped = sizes.stride * sizes.stride;
  product.rows = sizes.images * sizes.pixels();
  product.columns = sizes.channels;
  product.k = ceil_div(sizes.filters * sizes.taps(), skipped);
  product.of_rows = {0, windows_of(sizes, Lines::inputs), true, 1, 0, 0};
  const std::uint64_t filter = sizes.taps() * sizes.channels;
  product.of_columns = {
      1, MatrixPlaces{1, filter, sizes.filters, sizes.channels * skipped}, false, 1, 0, 0};
}

void weight_gradient(const ImageSizes& sizes, TensorProduct& product) {
  product.rows = sizes.filters;
  product.columns = sizes.taps() * sizes.channels;
  product.k = sizes.images * sizes.out_pixels();
  product.of_rows = {1, MatrixPlaces{1, sizes.filters}, false, 1, 0, 0};
  product.of_columns = {0, windows_of(sizes, Lines::taps), false, 1, 0, 0};
}

}  // namespace

TensorProduct tensor_convolution_of(const Layer& layer) {
  const ImageSizes sizes = stored(layer);
  TensorProduct product;
  product.unit_bytes = bytes_of(layer.type);
  product.output_bytes = bytes_of(result_of(layer.type));
  const std::uint64_t images = sizes.images * sizes.channels * sizes.pixels();
  const std::uint64_t filters = sizes.filters * sizes.channels * sizes.taps();
  const std::uint64_t outputs = sizes.images * sizes.filters * sizes.out_pixels();
  const std::uint64_t unit = product.unit_bytes;
  if (layer.op == Operator::convolution) {
    forward(sizes, product);
    product.of_rows.bytes = images * unit;
    product.of_columns.bytes = filters * unit;
  } else if (layer.op == Operator::convolution_data) {
    data_gradient(sizes, product);
    product.of_rows.bytes = outputs * unit;
    product.of_columns.bytes = filters * unit;
  } else {
    weight_gradient(sizes, product);
    product.of_rows.bytes = outputs * unit;
    product.of_columns.bytes = images * unit;
  }
  product.of_rows.width = aligned_width(
      layer.op == Operator::convolution ? sizes.channels : sizes.filters, product.unit_bytes);
  product.of_columns.width = aligned_width(sizes.channels, product.unit_bytes);
  product.output = {product.columns, 1};
  return product;
}

}  // namespace strobe::layers
