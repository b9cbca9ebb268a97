#include "sim/run/network_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <mutex>
#include <numeric>

#include "sim/device/read_gpu.h"
#include "sim/kernel/executor.h"
#include "sim/layers/lower.h"
#include "sim/networks/host_queue.h"
#include "sim/networks/l2_ledger.h"
#include "sim/networks/order.h"
#include "sim/run/operation_run.h"
#include "sim/run/outcome.h"

namespace strobe::run {
namespace {

using layers::HeldShare;
using layers::L2Contents;
using networks::HeldTensor;
using networks::Operation;
using networks::Step;

HeldShare share_of(std::uint64_t held, std::uint64_t all, bool dirty) {
  return {all == 0 ? 0 : (held * HeldShare::kAll + all / 2) / all, dirty};
}

// What is changed in place is of what is written.
L2Contents contents_for(const Step& step, const Operation& operation,
                        const std::vector<HeldTensor>& held, std::uint64_t l2_bytes) {
  L2Contents contents;
  const auto shares = [&](const std::vector<std::size_t>& tensors, bool only_read) {
    std::vector<HeldShare> result;
    for (const std::size_t tensor : tensors) {
      if (only_read && std::ranges::find(operation.writes, tensor) != operation.writes.end()) {
        continue;
      }
      const auto found = std::ranges::find(held, tensor, &HeldTensor::tensor);
      result.push_back(found == held.end()
                           ? HeldShare{}
                           : share_of(found->bytes, step.tensors[tensor].bytes, found->dirty));
    }
    return result;
  };
  contents.reads = shares(operation.reads, true);
  contents.writes = shares(operation.writes, false);
  std::uint64_t clean = 0, dirty = 0;
  for (const HeldTensor& each : held) {
    const bool is_own = std::ranges::find(operation.reads, each.tensor) != operation.reads.end() ||
                        std::ranges::find(operation.writes, each.tensor) != operation.writes.end();
    if (!is_own) (each.dirty ? dirty : clean) += each.bytes;
  }
  contents.others_clean = share_of(clean, l2_bytes, false);
  contents.others_dirty = share_of(dirty, l2_bytes, true);
  return contents;
}

// Where so much more is moved than the L2 holds, what it holds changes the time by less than
// sampling does.
std::string identity_of(const Operation& operation, const L2Contents& contents, bool is_beyond_l2) {
  std::string text = operation.text();
  if (is_beyond_l2) return text;
  const auto add = [&](const HeldShare& share) {
    text += fmt::format(" {}{}", share.sixteenths, share.dirty ? "d" : "c");
  };
  for (const HeldShare& share : contents.reads) add(share);
  for (const HeldShare& share : contents.writes) add(share);
  add(contents.others_clean);
  add(contents.others_dirty);
  return text;
}

std::vector<StepTask> tasks_of(const Step& step, std::uint64_t l2_bytes) {
  constexpr std::uint64_t kBeyondL2 = 64;
  const auto held = networks::contents_before_each(step, l2_bytes);
  std::vector<StepTask> tasks;
  std::map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < step.operations.size(); ++i) {
    const Operation& operation = step.operations[i];
    const L2Contents contents = contents_for(step, operation, held[i], l2_bytes);
    const bool is_beyond_l2 = step.least_bytes(operation) > kBeyondL2 * l2_bytes;
    const auto [found, is_new] =
        places.try_emplace(identity_of(operation, contents, is_beyond_l2), tasks.size());
    if (is_new) tasks.push_back({contents, {}, {}});
    tasks[found->second].operations.push_back(i);
  }
  return tasks;
}

// So that no thread is left alone with a product at the end.
std::vector<std::size_t> dearest_first(const PlannedStep& plan) {
  std::vector<std::size_t> order(plan.tasks.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::ranges::greater{}, [&](std::size_t i) {
    const Operation& operation = plan.step.operations[plan.tasks[i].operations.front()];
    return operation.operations / static_cast<double>(operation.times);
  });
  return order;
}

void run_tasks(PlannedStep& plan, const device::GpuSpec& gpu, const Effort& effort,
               PredictProgress& progress) {
  std::mutex watching;
  std::size_t done = 0;
  Executor executor(effort.threads);
  const report::Limits limits = report::limits_of(gpu);
  const std::vector<std::size_t> order = dearest_first(plan);
  executor.for_each_in_order(order.size(), [&](std::size_t i) {
    StepTask& task = plan.tasks[order[i]];
    task.report = run_operation(plan.layer_of(task), task.contents, gpu, limits, effort.exact);
    const std::lock_guard lock(watching);
    progress.layers_done(++done, plan.tasks.size());
  });
}

std::vector<report::OperationReport> gather(const Step& step, const std::vector<StepTask>& tasks,
                                            const device::GpuSpec& gpu) {
  const double launch = static_cast<double>(gpu.dispatch.launch_latency.count()) * 1e-12;
  std::vector<report::OperationReport> rows(step.operations.size());
  for (const StepTask& task : tasks) {
    for (const std::size_t i : task.operations) {
      const Operation& operation = step.operations[i];
      const auto times = static_cast<double>(operation.times);
      report::OperationReport& row = rows[i];
      row = task.report;
      row.name = operation.name;
      row.pass = networks::name_of(operation.pass);
      row.layer = operation.text();
      row.launches *= operation.times;
      row.launch_time = launch * static_cast<double>(row.launches);
      for (double* const sum : {&row.time, &row.dram_read, &row.dram_write, &row.dram_energy,
                                &row.l2, &row.l1, &row.resident}) {
        *sum *= times;
      }
      row.energy = row.energy * times;
      row.operations = operation.operations;
      row.least_bytes = static_cast<double>(step.least_bytes(operation));
    }
  }
  return rows;
}

// The call after which host and GPU have waited for each other: of training the first of the
// backward pass, as pytorch/examples imagenet/main.py reads the loss before it; else the first.
std::size_t first_call(const Step& step) {
  const auto backward =
      std::ranges::find(step.operations, networks::Pass::backward, &Operation::pass);
  return backward == step.operations.end()
             ? 0
             : static_cast<std::size_t>(backward - step.operations.begin());
}

// While the GPU waits, the board is ready and does nothing.
void wait_for_host(std::vector<report::OperationReport>& rows, const Step& step,
                   Picoseconds interval, const device::GpuSpec& gpu) {
  networks::HostQueue host(static_cast<double>(interval.count()) * 1e-12);
  const std::size_t first = first_call(step);
  for (std::size_t n = 0; n < rows.size(); ++n) {
    const std::size_t i = (first + n) % rows.size();
    report::OperationReport& row = rows[i];
    const std::uint64_t times = step.operations[i].times;
    const double busy = row.total() / static_cast<double>(times);
    double wait = 0;
    for (std::uint64_t call = 0; call < times; ++call) wait += host.call(busy);
    row.host_wait = wait;
    row.dram_energy += row.dram_idle_power * wait;
    if (gpu.energy) row.energy += device::energy_of_waiting(wait, gpu);
  }
}

device::Load load_of_step(const std::vector<report::OperationReport>& rows,
                          const device::GpuSpec& gpu) {
  device::Load load;
  load.clock = gpu.sm.clock;
  for (const report::OperationReport& row : rows) {
    load.seconds += row.total();
    load.energy += row.energy;
  }
  return load;
}

void require_memory(const networks::MemoryNeed& need, const networks::Network& network,
                    const networks::StepOptions& options, const device::GpuSpec& gpu) {
  if (need.total() <= gpu.memory.capacity) return;
  const auto text = [](std::uint64_t bytes) {
    return report::bytes_text(static_cast<double>(bytes));
  };
  throw UserError(fmt::format(
      "{} with batch {} needs {} of {}'s {}: parameters {}, gradients {}, optimiser {}, "
      "activations {}, keys and values {}",
      network.name, options.batch, text(need.total()), gpu.name, text(gpu.memory.capacity),
      text(need.parameters), text(need.gradients), text(need.state), text(need.activations),
      text(need.cache)));
}

}  // namespace

PlannedStep plan_step(const networks::Network& network, const networks::StepOptions& asked,
                      const device::GpuSpec& gpu) {
  networks::StepOptions options = networks::options_for(network, asked);
  options.has_fused_attention = !options.wants_eager_attention &&
                                layers::has_fused_attention(layers::storage_of(options.type), gpu);
  PlannedStep plan;
  plan.step = networks::make_step(network, options);
  report::NetworkReport& report = plan.report;
  report.memory = networks::memory_need(plan.step, options);
  report.network = network.name;
  report.title = network.title;
  report.options = options;
  report.parameters = network.counted_parameters();
  report.samples = network.samples;
  report.tokens = network.tokens;
  report.context = network.context;
  report.input_bytes = static_cast<double>(plan.step.bytes_of(networks::Tensor::Use::input));
  report.output_bytes = static_cast<double>(plan.step.bytes_to_host(network, options));
  if (!gpu.host.unified) {
    const double latency = static_cast<double>(gpu.host.latency.count()) * 1e-12;
    report.copy_time = latency + report.input_bytes / report::per_second(gpu.host.bandwidth);
    report.copy_back_time =
        latency + report.output_bytes / report::per_second(gpu.host.to_host_bandwidth);
    if (gpu.energy) {
      report.copy_energy = device::energy_of_copy(report.input_bytes + report.output_bytes,
                                                  report::copies_time(report), gpu);
    }
  }
  if (report.memory.total() > gpu.memory.capacity) return plan;
  plan.tasks = tasks_of(plan.step, device::cached_bytes(gpu));
  report.simulated = plan.tasks.size();
  for (const Operation& operation : plan.step.operations) report.calls += operation.times;
  return plan;
}

void simulate_step(PlannedStep& plan, const device::GpuSpec& gpu, const Effort& effort,
                   PredictProgress& progress) {
  report::NetworkReport& report = plan.report;
  auto sustained = device::run_within(
      effort.power_limit.watts_of(gpu), gpu,
      [&](const device::GpuSpec& at) {
        run_tasks(plan, at, effort, progress);
        auto rows = gather(plan.step, plan.tasks, at);
        wait_for_host(rows, plan.step, report.options.host_interval, at);
        return rows;
      },
      load_of_step);
  report.operations = std::move(sustained.outcome);
  report.clock = sustained.gpu.sm.clock;
  report.power_cap = sustained.gpu.power_cap;
  std::vector<double> times;
  for (const report::OperationReport& row : report.operations) {
    times.push_back(row.time + row.launch_time);
  }
  report.critical_path = networks::critical_path(plan.step.needs(), times);
}

std::vector<layers::Layer> simulated_layers(const networks::Network& network,
                                            const networks::StepOptions& options,
                                            const device::GpuSpec& gpu) {
  std::vector<layers::Layer> layers;
  const PlannedStep plan = plan_step(network, options, gpu);
  for (const StepTask& task : plan.tasks) layers.push_back(plan.layer_of(task));
  return layers;
}

report::NetworkReport time_step(const networks::Network& network,
                                const networks::StepOptions& options, const device::GpuSpec& gpu,
                                const Effort& effort, PredictProgress& progress) {
  PlannedStep plan = plan_step(network, options, gpu);
  require_memory(plan.report.memory, network, options, gpu);
  simulate_step(plan, gpu, effort, progress);
  return std::move(plan.report);
}

NetworkOutcome predict_network(const NetworkRequest& request, PredictProgress& progress) {
  NetworkOutcome outcome;
  outcome.gpu = device::read_gpu(request.gpu);
  const device::GpuSpec& gpu = outcome.gpu;
  const networks::Network network = networks::read_network(request.network, request.sequence);
  std::vector<std::filesystem::path> inputs(gpu.files.begin(), gpu.files.end());
  inputs.emplace_back(network.file);
  const std::optional<ResultFile> file = result_file(
      request.output, {request.command_line, request.network, request.effort.threads}, inputs);
  outcome.report = time_step(network, request.step, gpu, request.effort, progress);
  if (file) report::write_network_file(file->path, outcome.report, gpu, file->provenance);
  return outcome;
}

}  // namespace strobe::run
