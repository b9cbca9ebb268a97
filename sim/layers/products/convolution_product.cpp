#include "sim/layers/products/convolution_product.h"

namespace strobe::layers {
namespace {

std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) {
  return (a + b - 1) / b;
}

std::uint32_t access_width(bool four_lie_together) {
  return four_lie_together ? 4 : 1;
}

// A window of one pixel that goes over every pixel: four neighbours can be read at once.
bool is_pointwise(const ImageSizes& image) {
  return image.taps() == 1 && image.stride == 1 && image.padding == 0;
}

ConvolutionProduct forward_of(const ImageSizes& image) {
  const std::uint64_t taps = image.channels * image.taps(), pixels = image.out_pixels();
  ConvolutionProduct product;
  product.rows = image.filters;
  product.columns = image.images * pixels;
  product.k = taps;
  product.of_rows = {1, MatrixPlaces{taps, 1}, true, access_width(taps % 4 == 0)};
  product.of_columns = {0, WindowPlaces{WindowPlaces::Lines::outputs, image}, false,
                        access_width(is_pointwise(image) && pixels % 4 == 0)};
  product.output = {pixels, 1, pixels, image.filters * pixels};
  product.output_width = access_width(pixels % 4 == 0);
  return product;
}

ConvolutionProduct data_gradient_of(const ImageSizes& image) {
  const std::uint64_t taps = image.taps(), pixels = image.pixels();
  ConvolutionProduct product;
  product.rows = image.channels;
  product.columns = image.images * pixels;
  product.k = ceil_div(image.filters * taps, image.stride * image.stride);
  if (taps == 1) {
    product.of_rows = {1, MatrixPlaces{1, image.channels}, false,
                       access_width(image.channels % 4 == 0)};
  } else {
    product.of_rows = {1, MatrixPlaces{taps, 1, taps, image.channels * taps}, true, 1};
  }
  product.of_columns = {0, WindowPlaces{WindowPlaces::Lines::inputs, image}, false,
                        access_width(is_pointwise(image) && pixels % 4 == 0)};
  product.output = {pixels, 1, pixels, image.channels * pixels};
  product.output_width = access_width(pixels % 4 == 0);
  return product;
}

ConvolutionProduct weight_gradient_of(const ImageSizes& image) {
  const std::uint64_t taps = image.channels * image.taps(), pixels = image.out_pixels();
  ConvolutionProduct product;
  product.rows = image.filters;
  product.columns = taps;
  product.k = image.images * pixels;
  if (image.pixels() == 1 && taps == image.channels) {  // plain matrices, both transposed
    product.of_rows = {1, MatrixPlaces{1, image.filters}, false,
                       access_width(image.filters % 4 == 0)};
    product.of_columns = {0, MatrixPlaces{1, taps}, false, access_width(taps % 4 == 0)};
  } else {
    product.of_rows = {1, MatrixPlaces{pixels, 1, pixels, image.filters * pixels}, true,
                       access_width(pixels % 4 == 0)};
    product.of_columns = {0, WindowPlaces{WindowPlaces::Lines::taps, image}, true,
                          access_width(is_pointwise(image) && pixels % 4 == 0)};
  }
  product.output = {taps, 1};
  product.output_width = access_width(taps % 4 == 0);
  return product;
}

}  // namespace

ConvolutionProduct product_of(const Layer& layer) {
  if (layer.op == Operator::convolution) return forward_of(layer.image);
  if (layer.op == Operator::convolution_data) return data_gradient_of(layer.image);
  return weight_gradient_of(layer.image);
}

}  // namespace strobe::layers
