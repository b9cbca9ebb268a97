#pragma once

// A layer as a program: what the L2 holds when the layer comes round again, then its kernels.

#include <memory>
#include <vector>

#include "sim/device/spec.h"
#include "sim/layers/kernel.h"
#include "sim/trace/program.h"

namespace strobe::layers {

class LayerProgram : public trace::Program {
 public:
  // Loops longer than `most_rounds` are cut there (0: none is). `kernels` outlive the program.
  LayerProgram(const std::vector<std::unique_ptr<Kernel>>& kernels, const device::GpuSpec& gpu,
               std::uint64_t most_rounds);

  const std::vector<trace::Step>& steps() const override { return steps_; }
  std::unique_ptr<trace::CtaSource> open(std::size_t index) override;
  std::vector<trace::Warning> warnings() const override { return {}; }

 private:
  void add_what_l2_holds(const std::vector<Array>& arrays, std::uint64_t l2_bytes);

  const std::vector<std::unique_ptr<Kernel>>& kernels_;
  std::uint64_t most_rounds_;
  std::vector<trace::Step> steps_;
  std::size_t first_kernel_ = 0;  // among the steps
};

}  // namespace strobe::layers
