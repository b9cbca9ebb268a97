// A sampled layer takes the time that it takes when every CTA and every round is simulated.

#include "sim/base/random.h"
#include "sim/layers/layer_text.h"
#include "sim/layers/layer_time.h"
#include "sim/layers/lower.h"
#include "tests/support/catch.h"
#include "tests/support/small_gpu.h"

using namespace strobe;
using namespace strobe::layers;

namespace {

double time_of(const std::string& text, bool exact, bool& sampled,
               const std::optional<L2Contents>& held = {}) {
  device::GpuSpec gpu = test::small_gpu(2, 1);
  gpu.sm.max_warps = 16;  // small waves, so that small layers have many
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
