// A sampled layer takes the time that it takes when every CTA and every round is simulated.

#include <algorithm>
#include <functional>

#include "sim/base/random.h"
#include "sim/layers/layer_text.h"
#include "sim/layers/layer_time.h"
#include "sim/layers/lower.h"
#include "tests/support/catch.h"
#include "tests/support/small_gpu.h"

using namespace strobe;
using namespace strobe::layers;

namespace {

struct Sampled {
  double time = 0;
  bool waves = false, rounds = false, shares = false;  // what was left out
  bool anything() const { return waves || rounds || shares; }
};

// Waves are small, so that small layers have many.
device::GpuSpec machine_of(std::uint32_t sms, std::uint32_t channels) {
  device::GpuSpec gpu = test::small_gpu(sms, channels);
  gpu.sm.max_warps = 16;
  return gpu;
}

Sampled time_of(const std::string& text, bool exact, const device::GpuSpec& gpu,
                const std::optional<L2Contents>& held = {}) {
  const auto kernels = lower(parse_layer(text), gpu);
  device::NoProgress nobody_watches;
  const device::RunResult result =
      time_kernels(kernels, gpu, {1, exact, false, 0, held}, nobody_watches);
  Sampled sampled;
  for (const device::KernelResult& kernel : result.kernels) {
    sampled.time += static_cast<double>(kernel.time().count());
    sampled.waves |= kernel.left_out.ctas > 0;
    sampled.rounds |= kernel.left_out.rounds > 0;
    sampled.shares |= kernel.left_out.shares > 1;
  }
  return sampled;
}

class RandomLayer {
 public:
  explicit RandomLayer(std::uint64_t seed) : random_(seed) {}

  // The families in turn.
  std::string next() {
    switch (count_++ % kFamilies) {
      case 0:
        return fill("relu rows={} cols={}", {{700, 900}, {500, 1500}});
      case 1:
        return fill("add rows={} cols={}", {{700, 900}, {500, 1500}});
      case 2:
        return fill("softmax rows={} cols={}", {{3000, 4000}, {100, 300}});
      case 3:
        return fill("ln rows={} cols={}", {{1400, 1900}, {200, 400, 4}});
      case 4:
        return fill("linear m={} n={} k={}", {{50, 200}, {50, 200}, {800, 2000}});
      case 5:
        return fill("bmm batch={} m={} n={} k={}", {{30, 90}, {40, 90}, {40, 90}, {40, 200}});
      case 6:
        return fill("gemv m=1 n={} k={}", {{700, 2000}, {300, 1500}});
      case 7:
        return fill("conv n={} c={} h={} k={} r=3 pad=1", {{9, 20}, {3, 40}, {9, 16}, {20, 150}});
      case 8:
        return fill("conv n={} c={} h={} k={} r=1", {{9, 30}, {30, 300}, {9, 16}, {20, 150}});
      case 9:
        return fill("conv_data n={} c={} h={} k={} r=3 pad=1",
                    {{9, 20}, {20, 150}, {9, 16}, {10, 40}});
      case 10:
        return fill("conv_weights n={} c={} h={} k={} r=1",
                    {{9, 20}, {40, 200}, {12, 20}, {40, 200}});
      case 11:
        return fill("max_pool n={} c={} h={} r=2 stride=2", {{4, 16}, {64, 96}, {30, 42}});
      case 12:
        return fill("batch_norm n={} c={} h={}", {{4, 8}, {200, 400}, {14, 20}});
      default:
        return fill("batch_norm_backward n={} c={} h={}", {{4, 8}, {200, 400}, {14, 20}});
    }
  }

 private:
  static constexpr int kFamilies = 14;
  struct Range {
    std::uint64_t least, most, step = 1;
  };

  std::string fill(std::string text, std::initializer_list<Range> ranges) {
    for (const Range& range : ranges) {
      const std::uint64_t steps = (range.most - range.least) / range.step + 1;
      const std::uint64_t value = range.least + random_.next() % steps * range.step;
      text.replace(text.find("{}"), 2, std::to_string(value));
    }
    return text;
  }

  SplitMix64 random_;
  int count_ = 0;
};

// Compares so many random layers of all families on a machine that can be dealt out, and prints
// what the errors are. Shares of so small a machine are off by more than those of a GPU.
void compare(int layers) {
  const std::uint64_t seed = 20261122;
  RandomLayer random(seed);
  device::GpuSpec gpu = machine_of(4, 2);
  gpu.l2.capacity = Bytes(128 << 10);
  std::vector<double> errors;
  int waves = 0, rounds = 0, shares = 0;
  for (int i = 0; i < layers; ++i) {
    const std::string text = random.next();
    CAPTURE(seed, text);
    const Sampled estimate = time_of(text, false, gpu), exact = time_of(text, true, gpu);
    CHECK_FALSE(exact.anything());
    const double error = std::abs(estimate.time / exact.time - 1);
    CHECK(error <= 0.15);
    errors.push_back(error);
    waves += estimate.waves;
    rounds += estimate.rounds;
    shares += estimate.shares;
  }
  std::sort(errors.begin(), errors.end(), std::greater<>());
  const auto quantile = [&](std::size_t of_hundred) {
    return errors[errors.size() * (100 - of_hundred) / 100] * 100;
  };
  WARN(layers << " layers, off by at most " << errors.front() * 100 << " %, 95 of 100 by "
              << quantile(95) << ", 90 by " << quantile(90) << ", half by " << quantile(50) << "; "
              << waves << " without waves, " << rounds << " without rounds, " << shares
              << " in shares");
  CHECK(quantile(50) <= 1);
  CHECK(waves > 0);
  CHECK(rounds > 0);
  CHECK(shares * 2 > layers);
}

}  // namespace

TEST_CASE("sampled time is within 2 % of the exact one on random layers") {
  const std::uint64_t seed = 20261122;
  RandomLayer random(seed);
  const device::GpuSpec gpu = machine_of(2, 1);  // too small to be dealt out
  int sampled_layers = 0;
  for (int i = 0; i < 5; ++i) {
    const std::string text = random.next();
    CAPTURE(seed, text);
    const Sampled estimate = time_of(text, false, gpu), exact = time_of(text, true, gpu);
    CHECK_FALSE(exact.anything());
    CHECK(estimate.time == Approx(exact.time).epsilon(0.02));
    sampled_layers += estimate.anything();
  }
  CHECK(sampled_layers >= 3);
}

TEST_CASE("half of random layers in shares are within 1 % of their exact time, none off by 15 %") {
  compare(14);
}

TEST_CASE("of 200 random layers in shares half are within 1 %, none off by 15 %", "[.][all]") {
  compare(200);
}

TEST_CASE("a loop that is cut short does not wait for write-backs that only its first rounds see") {
  const device::GpuSpec gpu = machine_of(2, 1);
  L2Contents held;
  held.others_dirty = {HeldShare::kAll, true};
  for (const char* const text : {"linear m=90 n=80 k=3000",
                                 "conv_weights n=16 c=64 h=28 w=28 r=1 s=1 stride=1 pad=0 k=64"}) {
    CAPTURE(text);
    const Sampled estimate = time_of(text, false, gpu, held);
    CHECK(estimate.rounds);
    CHECK(estimate.time == Approx(time_of(text, true, gpu, held).time).epsilon(0.03));
  }
}
