// A step whose host is late.

#include "sim/device/read_gpu.h"
#include "sim/run/network_choice.h"
#include "sim/run/network_run.h"
#include "tests/support/catch.h"

using namespace strobe;
using namespace strobe::run;

namespace {

class Unwatched : public PredictProgress {
  void layers_done(std::size_t, std::size_t) override {}
  void row_done(const report::Prediction&) override {}
};

report::NetworkReport step_with(Picoseconds interval, bool training = true) {
  static const device::GpuSpec kGpu = device::read_gpu("v100-pcie-16gb");
  static const networks::Network kNetwork = networks::read_network("cifar-cnn-1");
  networks::StepOptions options;
  options.training = training;
  options.host_interval = interval;
  Unwatched nobody;
  return time_step(kNetwork, options, kGpu, {}, nobody);
}

double seconds(Picoseconds time) {
  return static_cast<double>(time.count()) * 1e-12;
}

}  // namespace

TEST_CASE("a host without an interval is never waited for") {
  const report::NetworkReport report = step_with({});
  CHECK(host_wait(report) == 0);
  CHECK(report.step_time() == report.kernel_time() + report.launch_time());
  CHECK_FALSE(is_host_bound(report));
}

TEST_CASE("a step is never shorter than its calls take the host, nor than without it") {
  const report::NetworkReport prompt = step_with({});
  for (const Picoseconds interval : {1_us, 10_us, 40_us}) {
    CAPTURE(interval.count());
    const report::NetworkReport late = step_with(interval);
    CHECK(late.calls == prompt.calls);
    CHECK(late.kernel_time() == Approx(prompt.kernel_time()));
    CHECK(late.step_time() >= static_cast<double>(late.calls) * seconds(interval));
    CHECK(late.step_time() >= prompt.step_time() + seconds(interval) * 0.999);
    CHECK(late.step_time() <=
          prompt.step_time() + static_cast<double>(late.calls) * seconds(interval));
  }
}

TEST_CASE("while it waits for the host the board takes its idle power") {
  const report::NetworkReport prompt = step_with({}), late = step_with(40_us);
  CHECK(is_host_bound(late));
  CHECK(host_wait(late) > late.kernel_time());
  CHECK(late.power() < prompt.power());
  const double idle_power = prompt.energy().idle / prompt.step_time();
  CHECK(late.energy().idle == Approx(idle_power * late.step_time()).epsilon(1e-6));
  CHECK(late.energy().total() - prompt.energy().total() ==
        Approx(idle_power * host_wait(late)).epsilon(1e-6));
  CHECK(late.dram_energy() > prompt.dram_energy());
}

TEST_CASE("training begins with the backward pass, before which the loss was read") {
  const report::NetworkReport late = step_with(40_us);
  for (const report::OperationReport& row : late.operations) {
    if (row.pass != "backward") continue;
    CHECK(row.host_wait == Approx(40e-6));  // the first call: nothing is under way
    break;
  }
  CHECK(late.operations.front().host_wait < 40e-6);
  CHECK(step_with(40_us, false).operations.front().host_wait == Approx(40e-6));
}

TEST_CASE("an interval is a time, with a space before its unit or without") {
  CHECK(interval_named("8us") == 8_us);
  CHECK(interval_named("7.5 us") == 7'500_ns);
  CHECK(interval_named("0us") == Picoseconds{});
  for (const std::string text : {"8", "us", "-1us", "8 W", "8us later"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(interval_named(text), UserError);
  }
}
