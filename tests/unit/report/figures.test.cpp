#include "sim/report/figures.h"

#include <cmath>

#include "tests/support/catch.h"
#include "tests/support/sample_run.h"

using namespace strobe;
using namespace strobe::report;

TEST_CASE("bandwidths are bytes over the kernel's time", "[report]") {
  const Figures figures = figures_of(test::sample_kernel(), test::sample_gpu());
  CHECK(figures.time == Approx(1e-6));
  CHECK(figures.dram_read == Approx(19.2e9));  // 600 bursts of 32 B in 1 us
  CHECK(figures.dram_write == 0);
  CHECK(figures.l2 == Approx(24e9));  // 750 sectors of 32 B
}

TEST_CASE("hit rates are of sectors, and of nothing they are not a number", "[report]") {
  const Figures figures = figures_of(test::sample_kernel(), test::sample_gpu());
  CHECK(figures.l1_hit_rate == Approx(0.25));
  CHECK(figures.l2_read_hit_rate == Approx(0.2));
  CHECK(figures.dram_row_hit_rate == Approx(0.9));
  CHECK(std::isnan(figures_of({}, test::sample_gpu()).l1_hit_rate));
}

TEST_CASE("warps per SM count only the time an SM has any", "[report]") {
  device::KernelResult kernel = test::sample_kernel();
  kernel.sm.active_cycles = 1000;  // one SM of two, or both for half of the time
  const Figures figures = figures_of(kernel, test::sample_gpu());
  CHECK(figures.warps_per_sm == Approx(64));
  CHECK(figures.occupancy == Approx(1.0));
  CHECK(figures.sm_active == Approx(0.5));
  CHECK(figures.issue_active == Approx(0.1));  // 400 of 4 x 1000
}

TEST_CASE("bytes in flight over time in flight is the bandwidth", "[report]") {
  const Figures figures = figures_of(test::sample_kernel(), test::sample_gpu());
  CHECK(figures.bytes_in_flight == Approx(12'000));
  CHECK(figures.flight_time == Approx(500e-9));
  CHECK(figures.bytes_in_flight / figures.flight_time == Approx(figures.l2));
  CHECK(figures.load_latency == Approx(405e-9));
}

TEST_CASE("a kernel is bound by the first level that is nearly full", "[report]") {
  const Limits limits = test::sample_limits();
  Figures figures;
  figures.sm_active = 1;
  figures.memory_share = 0.9;
  figures.queue_share = 0.1;

  figures.dram_read = 20.9e9;  // of 30
  CHECK(bound_of(figures, limits) == Bound::latency);
  figures.dram_write = 0.2e9;
  CHECK(bound_of(figures, limits) == Bound::dram_bandwidth);
  figures.l2 = 50e9;  // of 64
  CHECK(bound_of(figures, limits) == Bound::l2_bandwidth);
  figures.l2_read = 45e9;  // of 50
  CHECK(bound_of(figures, limits) == Bound::crossbar_bandwidth);
}

TEST_CASE("a kernel that fills no level is told by what its warps did", "[report]") {
  const Limits limits = test::sample_limits();
  Figures figures;
  figures.sm_active = 1;
  figures.memory_share = 0.6;
  figures.queue_share = 0.6;
  CHECK(bound_of(figures, limits) == Bound::queueing);
  figures.memory_share = 0.4;
  CHECK(bound_of(figures, limits) == Bound::issue);
  figures.sm_active = 0.4;
  CHECK(bound_of(figures, limits) == Bound::grid);
}

TEST_CASE("the total of a run adds its kernels up and leaves out the time between them",
          "[report]") {
  const device::KernelResult total = total_of(test::sample_run());
  CHECK((total.end - total.start) == 2_us);
  CHECK(total.dram.reads == 1200);
  CHECK(total.load_latency.count() == 200);
  CHECK(total.stalls.resident == 128_us);
  CHECK(total.stalls.adds_up());
}
