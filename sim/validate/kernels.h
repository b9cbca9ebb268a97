#pragma once

// Generated kernels run on a machine of their own, and the sizes that let a measurement of them
// reach its steady state.

#include <vector>

#include "sim/device/result.h"
#include "sim/device/spec.h"
#include "sim/trace/generate.h"

namespace strobe::validate {

// The kernels of these recipes one after another on one machine, cold at first.
device::RunResult run_kernels(const device::GpuSpec& gpu,
                              const std::vector<trace::KernelRecipe>& recipes);

// How long one copy from or to the host takes, on a machine of its own, in seconds.
double seconds_of_copy(const device::GpuSpec& gpu, std::uint64_t bytes, bool to_host);

// From the dispatch of the first CTA until the report of the last.
double seconds_of(const device::KernelResult& kernel);

std::uint64_t l2_bytes(const device::GpuSpec& gpu);

// `next` with its arrays beyond those of `previous`, so that it finds none of them in a cache.
trace::KernelRecipe beyond(const trace::KernelRecipe& previous, trace::KernelRecipe next);

// CTAs of this recipe that are resident at once on the whole GPU.
std::uint64_t resident_ctas(const device::GpuSpec& gpu, const trace::KernelRecipe& recipe);

// Shared memory of a CTA with which exactly `ctas` are resident on an SM.
std::uint32_t shared_bytes_for(const device::GpuSpec& gpu, std::uint64_t ctas);

}  // namespace strobe::validate
