#pragma once

// The gradients of a fused attention, as FlashAttention 2 makes them (Dao 2023, algorithm 2;
// flash_bwd_kernel.h): a kernel that multiplies outputs with their gradients, row by row; one in
// which a CTA keeps a tile of keys and values and goes over the queries that see them, with five
// products a tile of queries, the weights being made again from the scores; and one that narrows
// the queries' gradients, which the CTAs add up in 32 bits with reductions. Where heads share keys,
// each has gradients of its own, which another kernel adds up.

#include <memory>
#include <vector>

#include "sim/layers/common/kernel.h"
#include "sim/layers/flash/flash_tile.h"

namespace strobe::layers {

// In the order of their launch. Arrays of the first: the outputs' gradients, the outputs; what it
// leaves for the second, the queries' sums.
std::vector<std::unique_ptr<Kernel>> flash_backward_kernels(const Layer& layer,
                                                            const FlashPlan& plan);

}  // namespace strobe::layers
