#pragma once

// The operators of ONNX that are known, each as the layer that it is. A framework that runs ONNX
// files moves data where an operator's result is arranged differently in memory (Transpose, Slice,
// Concat): that is a copy. What only changes a shape costs nothing.

#include <string_view>
#include <vector>

#include "sim/networks/onnx_values.h"

namespace strobe::networks {

using OnnxOperator = std::vector<Result> (*)(const OnnxCall& call);

// Null when it is not known. The three families are in files of their own.
OnnxOperator operator_named(std::string_view op);
OnnxOperator arithmetic_operator(std::string_view op);  // element by element, sums, normalisations
OnnxOperator product_operator(std::string_view op);     // products, convolutions, poolings
OnnxOperator shape_operator(std::string_view op);  // what moves data, reshapes, computes shapes

// A layer with the shape of one sample.
Result layer_of(const OnnxCall& call, Kind kind, const Extents& shape);

}  // namespace strobe::networks
