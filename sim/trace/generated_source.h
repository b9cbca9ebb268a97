#pragma once

// The CTAs of one generated kernel, in launch order, each made when it is asked for.

#include <array>

#include "sim/base/random.h"
#include "sim/trace/generate.h"
#include "sim/trace/kernel_code.h"

namespace strobe::trace {

class GeneratedSource : public CtaSource {
 public:
  // Throws UserError when there is no such grid. REQUIRES: the rest of the recipe is possible.
  GeneratedSource(const KernelRecipe& recipe, std::uint64_t id);

  const KernelHeader& header() const override { return header_; }
  bool next(Cta& into) override;

 private:
  void add_warp(Cta& into, std::uint32_t warp);
  void add_turn(Cta& into, std::uint32_t warp);
  bool has_turn(std::uint32_t warp) const;
  bool aim(Instruction& instruction, Cta& into, const CodeLine& line, std::uint32_t warp);
  void aim_at_random(Instruction& instruction, Cta& into, const CodeLine& line);
  std::uint64_t request_of(std::uint32_t warp, std::uint32_t access) const;
  void start_chase(std::uint32_t warp);
  std::uint64_t next_place();

  KernelRecipe recipe_;
  KernelCode code_;
  std::uint32_t lane_bytes_;
  std::uint32_t warps_per_cta_;
  std::uint32_t ctas_of_pass_ = 0;   // that share the arrays
  std::uint32_t turns_of_pass_ = 1;  // of each
  std::uint64_t array_bytes_ = 0;    // from one array to the next
  KernelHeader header_;
  SplitMix64 random_;
  std::uint32_t next_cta_ = 0;
  std::uint32_t turn_ = 0;  // of the warp under way
  std::uint32_t pc_ = 0;
  std::uint64_t place_ = 0;                              // of the chase under way
  std::array<std::uint32_t, kMaxAccesses> listed_at_{};  // random places of this turn's loads
};

}  // namespace strobe::trace
