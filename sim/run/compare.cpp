#include "sim/run/compare.h"

#include <fmt/format.h>

#include "sim/base/error.h"
#include "sim/device/read_gpu.h"
#include "sim/layers/lower.h"
#include "sim/run/outcome.h"

namespace strobe::run {
namespace {

// Of one step among many: how far they all are.
class ShareOfProgress : public PredictProgress {
 public:
  ShareOfProgress(PredictProgress& whole, std::size_t before, std::size_t all)
      : whole_(whole), before_(before), all_(all) {}

  void layers_done(std::size_t done, std::size_t) override {
    whole_.layers_done(before_ + done, all_);
  }
  void row_done(const report::Prediction& row) override { whole_.row_done(row); }

 private:
  PredictProgress& whole_;
  std::size_t before_, all_;
};

struct Plan {
  const device::GpuSpec* gpu;
  PlannedStep step;
};

// What a GPU has no kernel for is said now, not when hours have been spent on the others.
void require_kernels(const Plan& plan) {
  for (const StepTask& task : plan.step.tasks) layers::lower(plan.step.layer_of(task), *plan.gpu);
}

std::vector<Plan> plan_all(const CompareRequest& request,
                           const std::vector<networks::Network>& networks,
                           const std::vector<device::GpuSpec>& gpus) {
  std::vector<Plan> plans;
  networks::StepOptions options = request.of_each.step;
  for (const networks::Network& network : networks) {
    if (request.epoch && network.samples == 0) {
      throw UserError("--epoch: " + network.name + " does not say how many samples one has");
    }
    for (const std::uint64_t batch : request.batches) {
      options.batch = batch;
      for (const device::GpuSpec& gpu : gpus) {
        plans.push_back({&gpu, plan_step(network, options, gpu)});
        require_kernels(plans.back());
      }
    }
  }
  return plans;
}

}  // namespace

std::vector<report::ComparisonRow> compare(const CompareRequest& request,
                                           PredictProgress& progress) {
  const NetworkRequest& each = request.of_each;
  std::vector<device::GpuSpec> gpus;
  std::vector<networks::Network> networks;
  std::vector<std::filesystem::path> inputs;
  for (const std::string& name : request.gpus) {
    gpus.push_back(device::read_gpu(name));
    inputs.insert(inputs.end(), gpus.back().files.begin(), gpus.back().files.end());
  }
  for (const std::string& name : request.networks) {
    networks.push_back(networks::read_network(name, each.sequence));
    inputs.emplace_back(networks.back().file);
  }
  std::vector<Plan> plans = plan_all(request, networks, gpus);
  const std::string work = fmt::format("{}", fmt::join(request.networks, ","));
  const std::optional<ResultFile> file =
      result_file(each.output, {each.command_line, work, each.effort.threads}, inputs);

  std::size_t before = 0, all = 0;
  for (const Plan& plan : plans) all += plan.step.tasks.size();
  std::vector<report::ComparisonRow> rows;
  for (Plan& plan : plans) {
    ShareOfProgress share(progress, before, all);
    before += plan.step.tasks.size();
    report::ComparisonRow row{plan.gpu->name, plan.gpu->memory.capacity, {}};
    if (!plan.step.tasks.empty()) simulate_step(plan.step, *plan.gpu, each.effort, share);
    row.report = std::move(plan.step.report);
    rows.push_back(std::move(row));
  }
  if (file) report::write_comparison_file(file->path, rows, file->provenance);
  return rows;
}

}  // namespace strobe::run
