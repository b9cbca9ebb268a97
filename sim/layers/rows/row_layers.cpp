#include "sim/layers/rows/row_layers.h"

#include "sim/base/check.h"
#include "sim/layers/rows/cross_entropy.h"
#include "sim/layers/rows/dropout.h"
#include "sim/layers/rows/elementwise.h"
#include "sim/layers/rows/embedding.h"
#include "sim/layers/rows/layer_norm.h"
#include "sim/layers/rows/softmax.h"

namespace strobe::layers {

bool goes_over_rows(Operator op) {
  return op <= Operator::dropout;
}

std::vector<std::unique_ptr<Kernel>> row_kernels(const Layer& layer, const device::GpuSpec& gpu) {
  std::vector<std::unique_ptr<Kernel>> kernels;
  switch (layer.op) {
    case Operator::elementwise:
      kernels.push_back(elementwise_kernel(layer));
      break;
    case Operator::softmax:
    case Operator::log_softmax:
      kernels.push_back(softmax_kernel(layer, gpu));
      break;
    case Operator::softmax_backward: {
      Layer product = layer;
      product.name = "mul";
      kernels.push_back(elementwise_kernel(product));
      kernels.push_back(softmax_backward_kernel(layer));
      break;
    }
    case Operator::log_softmax_backward:
      kernels.push_back(softmax_backward_kernel(layer));
      break;
    case Operator::layer_norm:
    case Operator::rms_norm:
      kernels.push_back(norm_kernel(layer));
      break;
    case Operator::layer_norm_backward:
    case Operator::rms_norm_backward:
      kernels.push_back(norm_rows_backward_kernel(layer));
      kernels.push_back(norm_weights_backward_kernel(layer));
      break;
    case Operator::cross_entropy:
      return cross_entropy_kernels(layer, gpu);
    case Operator::cross_entropy_backward:
      return cross_entropy_backward_kernels(layer);
    case Operator::embedding:
      kernels.push_back(embedding_kernel(layer));
      break;
    case Operator::embedding_backward:
      return embedding_backward_kernels(layer);
    default:
      STROBE_CHECK(layer.op == Operator::dropout);
      kernels.push_back(dropout_kernel(layer, gpu));
  }
  return kernels;
}

}  // namespace strobe::layers
