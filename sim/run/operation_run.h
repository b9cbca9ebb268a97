#pragma once

// One call of an operation of a step, whose tensors are where the operations before it left them.

#include "sim/layers/layer_program.h"
#include "sim/report/network_report.h"

namespace strobe::run {

// Its kernels one after another; neither its name nor what it waits for the host is filled in.
report::OperationReport run_operation(const layers::Layer& layer,
                                      const layers::L2Contents& contents,
                                      const device::GpuSpec& gpu, const report::Limits& limits,
                                      bool exact);

}  // namespace strobe::run
