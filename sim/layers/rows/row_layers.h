#pragma once

// Layers that go over rows or over elements: which kernels each of them is.

#include <memory>
#include <vector>

#include "sim/device/spec.h"
#include "sim/layers/common/kernel.h"
#include "sim/layers/common/layer.h"

namespace strobe::layers {

bool goes_over_rows(Operator op);

// REQUIRES: goes_over_rows(layer.op).
std::vector<std::unique_ptr<Kernel>> row_kernels(const Layer& layer, const device::GpuSpec& gpu);

}  // namespace strobe::layers
