// The table of measured steps: what ships can be run, and mistakes are told with their line.

#include "sim/run/network_suite.h"

#include <algorithm>
#include <fstream>

#include "sim/device/catalogue.h"
#include "sim/device/read_gpu.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

using namespace strobe;
using namespace strobe::run;

namespace {

std::string complaint_about(const std::string& row) {
  const test::TemporaryDirectory folder;
  const std::string path = (folder / "steps.csv").string();
  std::ofstream(path)
      << "# a remark\ngpu,network,work,parameters,value,unit,deviates,quick,source\n"
      << row << "\n";
  try {
    read_measured_steps(path);
  } catch (const UserError& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("every measured step that ships names a GPU and a network that ship") {
  const std::vector<MeasuredStep> steps = read_measured_steps("validation/measured/networks.csv");
  CHECK(steps.size() >= 30);
  const std::vector<std::string> gpus = device::list_gpus(), networks = device::list_networks();
  for (const MeasuredStep& step : steps) {
    CAPTURE(step.line);
    CHECK(std::ranges::binary_search(gpus, step.request.gpu));
    CHECK(std::ranges::binary_search(networks, step.request.network));
    CHECK(!step.source.empty());
    CHECK(step.request.step.training == (step.work == "training"));
  }
  CHECK(std::ranges::count(steps, true, &MeasuredStep::quick) >= 2);
}

TEST_CASE("a measured step is what its options would ask for") {
  const std::vector<MeasuredStep> steps = read_measured_steps("validation/measured/networks.csv");
  const auto found = std::ranges::find_if(steps, [](const MeasuredStep& step) {
    return step.parameters == "batch=1 context=2112 weights=nvfp4";
  });
  REQUIRE(found != steps.end());
  CHECK(found->request.sequence.tokens == 1);
  CHECK(found->request.sequence.context == 2112);
  CHECK(found->request.step.weights == "nvfp4");
  CHECK(found->request.step.type == layers::DataType::bf16);
}

TEST_CASE("a measured step names its optimiser's launches and its host's interval") {
  const std::vector<MeasuredStep> steps = read_measured_steps("validation/measured/networks.csv");
  const auto found = std::ranges::find_if(steps, [](const MeasuredStep& step) {
    return step.parameters.find("optimiser-launches=tensor host-interval=12.8us") !=
           std::string::npos;
  });
  REQUIRE(found != steps.end());
  CHECK(found->request.step.optimiser == networks::Optimiser::adadelta);
  CHECK(found->request.step.updates_by_tensor);
  CHECK(found->request.step.host_interval == Picoseconds(12'800'000));
}

TEST_CASE("a program without fused attention makes scores on a GPU that has a kernel for it") {
  const device::GpuSpec gpu = device::read_gpu("rtx-4090");
  const networks::Network network = networks::read_network("bert-base");
  const auto makes_scores = [&](networks::StepOptions options) {
    options.type = layers::DataType::fp16;
    const networks::Step step = plan_step(network, options, gpu).step;
    return std::ranges::any_of(step.operations, [](const networks::Operation& operation) {
      return operation.name == "encoder1.0.attention1 scores";
    });
  };
  networks::StepOptions options;
  CHECK_FALSE(makes_scores(options));
  options.wants_eager_attention = true;
  CHECK(makes_scores(options));
}

TEST_CASE("what is wrong with a measured step is told with its line") {
  const auto has = [](const std::string& row, std::string_view part) {
    const std::string text = complaint_about(row);
    CAPTURE(text, part);
    CHECK(text.find("steps.csv:3") != std::string::npos);
    CHECK(text.find(part) != std::string::npos);
  };
  CHECK(complaint_about("gb10,mlp,inference,batch=2,1,ms,no,no,me").empty());
  has("gb10,mlp,inference,batch=2,1,ms,no,no", "has 8 fields");
  has("gb10,mlp,guessing,batch=2,1,ms,no,no,me", "none of decode, prefill");
  has("gb10,mlp,inference,batch=none,1,ms,no,no,me", "batch is a number");
  has("gb10,mlp,inference,speed=2,1,ms,no,no,me", "none of batch=");
  has("gb10,mlp,inference,attention=lazy,1,ms,no,no,me", "neither fused nor eager");
  has("gb10,mlp,inference,optimiser-launches=lazy,1,ms,no,no,me", "neither fused nor tensor");
  has("gb10,mlp,inference,host-interval=8,1,ms,no,no,me", "'8' has no unit");
  has("gb10,mlp,inference,weights=q9,1,ms,no,no,me", "q9");
  has("gb10,mlp,inference,batch=2,-1,ms,no,no,me", "value is a number above 0");
  has("gb10,mlp,inference,batch=2,1,km,no,no,me", "none of tokens/s");
  has("gb10,mlp,inference,batch=2,1,ms,maybe,no,me", "deviates is yes or no");
}
