#pragma once

// A layer as a program: what the L2 holds when the layer comes round again, then its kernels.

#include <memory>
#include <optional>
#include <vector>

#include "sim/device/cached_bytes.h"
#include "sim/device/spec.h"
#include "sim/layers/common/kernel.h"
#include "sim/layers/loop_cut.h"
#include "sim/trace/program.h"

namespace strobe::layers {

// How much the L2 holds of something, in sixteenths: finer differences do not matter.
struct HeldShare {
  static constexpr std::uint64_t kAll = 16;
  std::uint64_t sixteenths = 0;
  bool dirty = false;
};

// What the L2 holds: of the arrays that the first kernel only reads, and of those that it writes,
// each among themselves in its order; and of itself, with what no kernel touches. The L2 is what
// device::cached_bytes counts.
struct L2Contents {
  std::vector<HeldShare> reads, writes;
  HeldShare others_clean, others_dirty;
};

class LayerProgram : public trace::Program {
 public:
  // The CTAs of each kernel go round their loops as often as `rounds` says. `kernels` outlive the
  // program. The L2 holds what `held` says, or, without it, what the layer left when it ran last.
  // Where a loop is cut, only so much of that is dirty that as many lines are written back for each
  // one that is read as in the whole.
  LayerProgram(const std::vector<std::unique_ptr<Kernel>>& kernels, const device::GpuSpec& gpu,
               Rounds rounds, const std::optional<L2Contents>& held = {});

  const std::vector<trace::Step>& steps() const override { return steps_; }
  std::unique_ptr<trace::CtaSource> open(std::size_t index) override;
  std::vector<trace::Warning> warnings() const override { return {}; }

 private:
  void hold(std::uint64_t address, std::uint64_t bytes, bool dirty);
  void step_in_l2(std::uint64_t address, std::uint64_t bytes, bool dirty);
  double dirty_of_cut(std::uint64_t l2_bytes) const;
  void add_contents(const L2Contents& contents, std::uint64_t l2_bytes);
  void add_what_l2_holds(const std::vector<Array>& arrays, std::uint64_t l2_bytes);

  const std::vector<std::unique_ptr<Kernel>>& kernels_;
  Rounds rounds_;
  double dirty_share_ = 1;  // of what is dirty
  std::vector<trace::Step> steps_;
  std::size_t first_kernel_ = 0;  // among the steps
};

}  // namespace strobe::layers
