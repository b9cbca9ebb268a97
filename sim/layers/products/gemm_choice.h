#pragma once

// Which kernel a library takes for a matrix product. cuBLAS's own choice is not published; this one
// takes, of the tiles that the library has for the architecture, the one whose busiest SM should be
// done first (gemm_choice.cpp says how that is reckoned).

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "sim/device/spec.h"
#include "sim/layers/products/gemm.h"

namespace strobe::layers {

// A kernel that somebody saw run.
struct GivenKernel {
  std::string name;
  std::array<std::uint32_t, 3> grid{1, 1, 1}, block{1, 1, 1};
  bool sums_in_workspace = false;  // a kernel that adds up the parts of k came after it
};

// "14x3x5"; nothing when it is something else.
std::optional<std::array<std::uint32_t, 3>> parse_extents(std::string_view text);

GemmPlan choose_gemm(const Layer& layer, const device::GpuSpec& gpu);

// What can be read from the kernel's name and launch. Throws UserError when its name says no tile,
// or the grid is not that of the layer with this tile.
GemmPlan given_gemm(const Layer& layer, const GivenKernel& kernel);

}  // namespace strobe::layers
