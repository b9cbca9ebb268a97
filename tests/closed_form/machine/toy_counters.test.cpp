// What Nsight Compute counted on an A100 of y[i] += x[i] * arg: three loads and a store an element,
// one block of 1, 8 or 32 threads whose loop goes through two arrays of 4 MB (github
// prasenjit-c/prasenjit-c.github.io @c0e3a01, blogpages/hbm-nvidia-part1.md). The arrays here have
// a 32nd of the elements; all but a few of the counts are in proportion to them.

#include "sim/device/read_gpu.h"
#include "tests/support/catch.h"
#include "tests/support/run_small.h"

using namespace strobe;
using namespace strobe::test;

namespace {

constexpr std::uint64_t kShare = 32, kElements = 1'048'576 / kShare;

// The counts of the whole arrays, as they were published.
struct Counted {
  std::uint32_t threads;
  std::uint64_t load_requests, store_requests, hbm_load_sectors;
  double l1_hit_rate;  // of the sectors of loads and stores
};

device::KernelResult toy_kernel(std::uint32_t threads) {
  constexpr std::uint64_t kX = kArray, kY = kArray + (8 << 20), kArgument = kArray + (16 << 20);
  WarpScript script;
  for (std::uint64_t first = 0; first < kElements; first += threads) {
    script.load(1, {kX + 4 * first, threads}).load(2, {kArgument, threads, 4, 0});
    script.load(3, {kY + 4 * first, threads});
    script.operate(trace::Op::fp32, 4, {1, 2, 3}).store({kY + 4 * first, threads}, {4});
  }
  return run_kernel(device::read_gpu("a100-sxm4-40gb"), HandMadeKernel({script.exit()}));
}

}  // namespace

TEST_CASE("a toy kernel's counters are those that Nsight Compute has of an A100") {
  for (const Counted& counted : {Counted{1, 3'145'728, 1'048'576, 262'240, 0.938},
                                 Counted{8, 393'216, 131'072, 262'240, 0.500},
                                 Counted{32, 98'304, 32'768, 264'536, 0.385}}) {
    CAPTURE(counted.threads);
    const device::KernelResult kernel = toy_kernel(counted.threads);
    const sm::Counters& sm = kernel.sm;
    CHECK(sm.global_load_requests == counted.load_requests / kShare);
    CHECK(sm.global_store_requests == counted.store_requests / kShare);
    CHECK(kernel.l2.fill_sectors == Approx(counted.hbm_load_sectors / kShare).epsilon(0.01));
    CHECK(kernel.l2.written_back_sectors == 0);  // 8 MB stay in the L2
    // Nsight counts a store to a line that the L1 holds as a hit; here that is every one.
    CHECK(sm.store_sector_hits == sm.global_store_sectors);
    const std::uint64_t hits = sm.global_load_sector_hits + sm.store_sector_hits;
    const std::uint64_t sectors = sm.global_load_sectors + sm.global_store_sectors;
    CHECK(static_cast<double>(hits) / static_cast<double>(sectors) ==
          Approx(counted.l1_hit_rate).epsilon(0.01));
    // 262,145 sectors, asked for one by one or four in a request.
    CHECK(kernel.l2.read_sectors == 262'144 / kShare + 1);
  }
}
