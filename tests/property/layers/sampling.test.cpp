// A sampled layer takes the time that it takes when every CTA and every round is simulated.

#include <array>
#include <cstdio>
#include <functional>

#include "sim/base/random.h"
#include "sim/device/board_energy.h"
#include "sim/device/machine_share.h"
#include "sim/device/read_gpu.h"
#include "sim/layers/layer_text.h"
#include "sim/layers/layer_time.h"
#include "sim/layers/lower.h"
#include "tests/support/catch.h"
#include "tests/support/random_layer.h"
#include "tests/support/small_gpu.h"

using namespace strobe;
using namespace strobe::layers;

namespace {

double time_on(const device::GpuSpec& gpu, const std::string& text, bool exact, bool& sampled,
               const std::optional<L2Contents>& held = {}) {
  const auto kernels = lower(parse_layer(text), gpu);
  device::NoProgress nobody_watches;
  const device::RunResult result =
      time_kernels(kernels, gpu, {1, exact, false, 0, held}, nobody_watches);
  double time = 0;
  for (const device::KernelResult& kernel : result.kernels) {
    time += static_cast<double>(kernel.time().count());
    sampled |= kernel.left_out.ctas > 0 || kernel.left_out.rounds > 0;
  }
  return time;
}

double time_of(const std::string& text, bool exact, bool& sampled,
               const std::optional<L2Contents>& held = {}) {
  device::GpuSpec gpu = test::small_gpu(2, 1);
  gpu.sm.max_warps = 16;  // small waves, so that small layers have many
  return time_on(gpu, text, exact, sampled, held);
}

struct Error {
  double error = 0;  // of the sampled time against the exact one
  std::string layer;
};

// Of so many layers that are sampled, the worst first.
std::vector<Error> errors_of(std::size_t count, const device::GpuSpec& gpu) {
  test::RandomLayers layers(1, gpu, {4e4, 2.5e5});
  std::vector<Error> errors;
  while (errors.size() < count) {
    const std::string text = layers.next();
    CAPTURE(text);
    bool sampled = false, never = false;
    const double estimate = time_on(gpu, text, false, sampled);
    if (sampled) errors.push_back({estimate / time_on(gpu, text, true, never) - 1, text});
  }
  std::ranges::sort(errors, std::ranges::greater{},
                    [](const Error& each) { return std::abs(each.error); });
  return errors;
}

void print(const char* title, const std::vector<Error>& errors) {
  constexpr std::size_t kWorst = 15;
  double mean = 0, bias = 0;
  std::size_t beyond = 0;
  for (const Error& each : errors) {
    mean += 100 * std::abs(each.error) / static_cast<double>(errors.size());
    bias += 100 * each.error / static_cast<double>(errors.size());
    beyond += std::abs(each.error) > 0.02 ? 1 : 0;
  }
  std::printf("%s: mean %.2f %%, bias %+.2f %%, median %.2f %%, %zu of %zu beyond 2 %%\n", title,
              mean, bias, 100 * std::abs(errors[errors.size() / 2].error), beyond, errors.size());
  for (std::size_t i = 0; i < std::min(kWorst, errors.size()); ++i) {
    std::printf("  %+6.2f %%  %s\n", 100 * errors[i].error, errors[i].layer.c_str());
  }
}

std::string random_layer(SplitMix64& random, int kind) {
  const auto between = [&](std::uint64_t least, std::uint64_t most) {
    return std::to_string(least + random.next() % (most - least + 1));
  };
  switch (kind) {
    case 0:
      return "relu rows=" + between(700, 900) + " cols=" + between(1000, 2000);
    case 1:
      return "add rows=" + between(700, 900) + " cols=" + between(1000, 2000);
    case 2:
      return "softmax rows=" + between(3000, 4000) + " cols=" + between(100, 300);
    case 3:
      return "ln rows=" + between(1400, 1900) +
             " cols=" + std::to_string(4 * (50 + random.next() % 50));
    default:
      return "linear m=" + between(50, 100) + " n=" + between(50, 100) +
             " k=" + between(1600, 3000);
  }
}

}  // namespace

TEST_CASE("sampled time is within 2 % of the exact one on random layers") {
  const std::uint64_t seed = 20261122;
  SplitMix64 random(seed);
  int sampled_layers = 0;
  for (int i = 0; i < 10; ++i) {
    const std::string text = random_layer(random, i % 5);
    CAPTURE(seed, text);
    bool sampled = false, never = false;
    const double estimate = time_of(text, false, sampled), exact = time_of(text, true, never);
    CHECK_FALSE(never);
    CHECK(estimate == Approx(exact).epsilon(0.02));
    sampled_layers += sampled ? 1 : 0;
  }
  CHECK(sampled_layers >= 5);
}

// Minutes long: `test_property_layers "[.sampling]"` from the top folder prints the figures that
// docs/decisions/0006 gives.
TEST_CASE("sampled times on parts of real machines are in the mean those of all CTAs and rounds",
          "[.sampling]") {
  struct Part {
    const char* gpu;
    std::uint32_t shares;
  };
  for (const auto& [name, shares] : {Part{"v100-pcie-32gb", 16}, Part{"a100-sxm4-40gb", 18}}) {
    const std::vector<Error> errors =
        errors_of(100, device::share_of(device::read_gpu(name), shares));
    print(name, errors);
    CHECK(std::abs(errors[errors.size() / 2].error) < 0.02);
  }
}

// Its result takes a slow memory longer than the fewer rounds take, so that more of them hide.
TEST_CASE("a sampled product is not faster than the tensor cores multiply", "[long]") {
  const device::GpuSpec gpu = device::read_gpu("l4");
  bool sampled = false;
  const double time = time_on(gpu, "linear m=4096 n=4096 k=1600 dtype=tf32", false, sampled);
  const double operations_a_cycle = gpu.sms * static_cast<double>(gpu.tensor.tf32);
  const double cycles = time * static_cast<double>(gpu.sm.clock.count()) * 1e-9;
  CHECK(2.0 * 4096 * 4096 * 1600 < cycles * operations_a_cycle);
}

// What the few rounds of a sample do besides multiplying must not count as rounds of the rest: CTAs
// that add up parts of k write as much as they read of short loops, and the first strips of all
// CTAs lie in rows of their own. Some SM has the CTAs' even share, rounded up.
TEST_CASE("a sampled product whose k is split is not faster than the FP32 pipes multiply") {
  const device::GpuSpec gpu = device::read_gpu("v100-pcie-32gb");
  struct Case {
    std::string text;
    std::array<std::uint32_t, 3> grid;
    double k;
  };
  for (const Case& each : {Case{"linear m=2975 n=2624 k=6359", {21, 47, 2}, 6359},
                           Case{"linear m=678 n=1661 k=8428", {13, 11, 6}, 8428}}) {
    CAPTURE(each.text);
    const GivenKernel kernel{"volta_sgemm_128x64_tn", each.grid, {128, 1, 1}};
    const auto kernels = lower(parse_layer(each.text), gpu, kernel);
    device::NoProgress nobody_watches;
    const Picoseconds time = time_kernels(kernels, gpu, {}, nobody_watches).kernels[0].time();
    const double cycles =
        static_cast<double>(time.count()) * static_cast<double>(gpu.sm.clock.count()) * 1e-9;
    const std::uint32_t ctas = each.grid[0] * each.grid[1] * each.grid[2];
    const double of_sm = (ctas + gpu.sms - 1) / gpu.sms;
    CHECK(cycles > of_sm * 128 * 64 * each.k / each.grid[2] / 64);
  }
}

// A tile or so for each SM: what a part's L2 holds of the first rounds it has driven out later.
TEST_CASE("a long loop of a grid of one wave is taken for at most 3 % too fast", "[long]") {
  const device::GpuSpec gpu = device::share_of(device::read_gpu("a100-sxm4-40gb"), 18);
  const char* const text = "linear m=48 n=328 k=9208 dtype=tf32";
  bool sampled = false, never = false;
  const double estimate = time_on(gpu, text, false, sampled);
  CHECK(sampled);
  CHECK(estimate > 0.97 * time_on(gpu, text, true, never));
}

TEST_CASE("a loop that is cut short does not wait for write-backs that only its first rounds see") {
  L2Contents held;
  held.others_dirty = {HeldShare::kAll, true};
  for (const char* const text : {"linear m=90 n=80 k=6000",
                                 "conv_weights n=16 c=64 h=28 w=28 r=1 s=1 stride=1 pad=0 k=64"}) {
    CAPTURE(text);
    bool sampled = false, never = false;
    const double estimate = time_of(text, false, sampled, held);
    CHECK(sampled);
    CHECK(estimate == Approx(time_of(text, true, never, held)).epsilon(0.03));
  }
}

TEST_CASE("tiles at the edge of a product are simulated, not taken for whole ones") {
  const char* const text = "conv n=32 c=16 h=28 w=28 r=1 s=1 stride=1 pad=0 k=80";
  bool sampled = false, never = false;
  const double estimate = time_of(text, false, sampled);
  CHECK(sampled);
  CHECK(estimate == Approx(time_of(text, true, never)).epsilon(0.02));
}

// What the ways in and out of a CTA move counts for more in a few rounds than in all.
TEST_CASE("a loop that is cut short takes the energy that all its rounds take") {
  const device::GpuSpec gpu = device::share_of(device::read_gpu("v100-pcie-32gb"), 16);
  const auto kernels = lower(parse_layer("linear m=640 n=1024 k=2048"), gpu);
  device::NoProgress nobody_watches;
  const auto energy_of = [&](bool exact) {
    const device::RunResult result = time_kernels(kernels, gpu, {.exact = exact}, nobody_watches);
    CHECK((result.kernels.front().left_out.rounds > 0) == !exact);
    return device::energy_of(result.kernels.front(), gpu);
  };
  const device::BoardEnergy all = energy_of(true), cut = energy_of(false);
  CHECK(cut.instructions == Approx(all.instructions).epsilon(0.01));
  CHECK(cut.shared == Approx(all.shared).epsilon(0.01));
  CHECK(cut.l2 == Approx(all.l2).epsilon(0.03));
  CHECK(cut.dram == Approx(all.dram).epsilon(0.05));
  CHECK(cut.total() == Approx(all.total()).epsilon(0.02));
}
