#pragma once

// Runs programs on a machine and reads times off the result.

#include "sim/device/machine.h"
#include "sim/trace/generate.h"
#include "tests/support/hand_made_program.h"
#include "tests/support/print_units.h"
#include "tests/support/small_gpu.h"

namespace strobe::test {

inline device::RunResult run_on(const device::GpuSpec& gpu, trace::Program& program,
                                const device::MachineOptions& options = {}) {
  device::Machine machine(gpu, options);
  device::NoProgress nobody_watches;
  return machine.run(program, nobody_watches);
}

inline device::KernelResult run_kernel(const device::GpuSpec& gpu, const HandMadeKernel& kernel) {
  HandMadeProgram program(kernel);
  return run_on(gpu, program).kernels.at(0);
}

// The kernels of these recipes, one after the other.
inline device::RunResult run_recipes(const device::GpuSpec& gpu,
                                     const std::vector<trace::KernelRecipe>& recipes) {
  const std::unique_ptr<trace::Program> program = trace::generate(recipes);
  return run_on(gpu, *program);
}

inline std::int64_t picoseconds(const device::KernelResult& kernel) {
  return (kernel.end - kernel.start).count();
}

inline double nanoseconds(const device::KernelResult& kernel) {
  return static_cast<double>(picoseconds(kernel)) / 1'000;
}

}  // namespace strobe::test
