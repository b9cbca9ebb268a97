#pragma once

// The microbenchmarks that figures are of, as kernels on a model: each gives what the hardware's
// benchmark gives, in the same unit. All take the difference between a longer and a shorter kernel,
// so that launch and warm-up cancel, as the benchmarks do it by repeating; what a benchmark's own
// repeats leave in the caches is left there by a kernel before.

#include <span>
#include <string_view>

#include "sim/device/spec.h"
#include "sim/validate/figure.h"

namespace strobe::validate {

struct Benchmark {
  std::string_view name, unit;
  std::span<const std::string_view> parameters;  // that a figure may give
  double (*run)(const device::GpuSpec& gpu, const Figure& figure);
};

// The one that the figure is of. Throws UserError when there is none of that name, or not with
// these parameters or in this unit.
const Benchmark& benchmark_of(const Figure& figure);

}  // namespace strobe::validate
