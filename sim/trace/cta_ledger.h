#pragma once

// Holds a trace to its own header: every CTA of the grid once, and no warp the block does not have.

#include <array>
#include <cstdint>
#include <string>

#include "sim/base/error.h"
#include "sim/trace/kernel_trace.h"
#include "sim/trace/paged_bits.h"

namespace strobe::trace {

class CtaLedger {
 public:
  explicit CtaLedger(const KernelHeader& kernel) : kernel_(kernel) {}

  bool is_inside(const std::array<std::uint32_t, 3>& cta) const {
    return cta[0] < kernel_.grid[0] && cta[1] < kernel_.grid[1] && cta[2] < kernel_.grid[2];
  }

  std::uint64_t index_of(const std::array<std::uint32_t, 3>& cta) const {
    return (std::uint64_t{cta[2]} * kernel_.grid[1] + cta[1]) * kernel_.grid[0] + cta[0];
  }

  // False when the CTA was there before. REQUIRES: is_inside.
  bool enter(const std::array<std::uint32_t, 3>& cta) { return seen_.insert(index_of(cta)); }

  void require_complete(const std::string& path) const {
    if (seen_.count() == kernel_.cta_count()) return;
    throw UserError({path}, "the grid has " + std::to_string(kernel_.cta_count()) +
                                " CTAs, the trace holds " + std::to_string(seen_.count()));
  }

  std::string grid_text() const { return text(kernel_.grid); }
  static std::string text(const std::array<std::uint32_t, 3>& place) {
    return "(" + std::to_string(place[0]) + "," + std::to_string(place[1]) + "," +
           std::to_string(place[2]) + ")";
  }

 private:
  const KernelHeader& kernel_;
  PagedBits<4096> seen_;
};

}  // namespace strobe::trace
