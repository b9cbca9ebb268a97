#include "sim/report/network_report.h"

#include <fmt/format.h>

#include <limits>

#include "sim/report/board.h"
#include "sim/report/columns.h"
#include "sim/report/operation_table.h"

namespace strobe::report {
namespace {

std::string memory_line(const NetworkReport& report, const device::GpuSpec& gpu) {
  const networks::MemoryNeed& need = report.memory;
  std::string text = fmt::format("  memory     {} of {}: parameters {}",
                                 bytes_text(static_cast<double>(need.total())),
                                 bytes_text(static_cast<double>(gpu.memory.capacity)),
                                 bytes_text(static_cast<double>(need.parameters)));
  const auto add = [&](std::string_view what, std::uint64_t bytes) {
    if (bytes > 0) text += fmt::format(", {} {}", what, bytes_text(static_cast<double>(bytes)));
  };
  add("gradients", need.gradients);
  add("optimiser's", need.state);
  add("activations", need.activations);
  add("keys and values", need.cache);
  return text + "\n";
}

// What a step takes on the whole board, and how that divides.
std::string energy_text_of(const NetworkReport& report, bool epoch, const TextStyle& style) {
  const device::BoardEnergy energy = report.energy();
  if (!(energy.total() > 0)) return {};
  constexpr std::string_view kBlank = "             ";
  std::string text = fmt::format("  energy     {} a step, {}", energy_text(energy.total()),
                                 power_text(report.power()));
  const std::string clock = held_clock(report.clock, report.power_cap);
  if (!clock.empty()) text += ", " + clock;
  if (report.copy_energy.total() > 0) {
    text += fmt::format("; its host copy {}", energy_text(report.copy_energy.total()));
  }
  const double work = energy.total() + report.copy_energy.total();
  const auto batch = static_cast<double>(report.options.batch);
  const auto tokens = static_cast<double>(report.tokens);
  text += report.tokens > 0
              ? fmt::format("\n{}{} a token\n", kBlank, energy_text(work / batch / tokens))
              : fmt::format("\n{}{} a sample\n", kBlank, energy_text(work / batch));
  if (epoch) text += fmt::format("{}{} an epoch\n", kBlank, energy_text(report.epoch_energy()));
  for (const std::string& line : wrapped(board_shares(energy), style.width - kBlank.size())) {
    text += fmt::format("{}{}\n", kBlank, line);
  }
  return text;
}

double host_interval(const NetworkReport& report) {
  return static_cast<double>(report.options.host_interval.count()) * 1e-12;
}

std::string host_wait_text(const NetworkReport& report) {
  if (report.options.host_interval == Picoseconds{}) return {};
  return fmt::format(", waits for the host {}", time_text(host_wait(report)));
}

std::string host_text(const NetworkReport& report) {
  if (report.options.host_interval == Picoseconds{}) return {};
  return fmt::format("  host       {} for {} calls of operators, one every {}{}\n",
                     time_text(host_time(report)), count_text(report.calls),
                     time_text(host_interval(report)),
                     is_host_bound(report) ? ": the step is bound by the host" : "");
}

std::string totals_text(const NetworkReport& report, bool epoch, const TextStyle& style) {
  std::string text = fmt::format(
      "\n  step       {}: kernels {}, launches {}{}; the longest chain takes {}\n",
      time_text(report.step_time()), time_text(report.kernel_time()),
      time_text(report.launch_time()), host_wait_text(report), time_text(report.critical_path));
  text += host_text(report);
  if (report.copy_time > 0) {
    text += fmt::format(
        "  host copy  {} for {} before each step, {} for {} back after it, over the host link\n",
        time_text(report.copy_time), bytes_text(report.input_bytes),
        time_text(report.copy_back_time), bytes_text(report.output_bytes));
  } else {
    text += "  host copy  none, the memory is the host's too\n";
  }
  if (report.tokens > 0) {
    text += fmt::format("  rate       {:.1f} tokens/s\n", report.tokens_per_second());
  } else {
    text += fmt::format("  rate       {:.1f} samples/s\n", report.samples_per_second());
  }
  if (epoch) {
    const auto steps = static_cast<double>(report.steps_of_epoch());
    text +=
        fmt::format("  epoch      {}: {} steps, host copies {}\n",
                    time_text(steps * (report.step_time() + copies_time(report))),
                    count_text(report.steps_of_epoch()), time_text(steps * copies_time(report)));
  }
  return text + energy_text_of(report, epoch, style);
}

void write_operations(Hdf5File& file, const NetworkReport& report) {
  Hdf5Group group = file.group("operations");
  number_dimension(group, {"operation", "1", "in the order of their launch"},
                   report.operations.size());
  name_dimension(group, {"warp_state", "1", "what resident warps did"}, stats::kWarpStates);
  name_dimension(group, {"cause", "1", "where they waited for memory"}, stats::kCauses);
  Columns<OperationReport> rows(group, "operation", report.operations);
  using Row = OperationReport;
  rows.add({"name", "1", "the layer, and what is done of it"}, [](const Row& r) { return r.name; });
  rows.add({"pass", "1", "forward, backward or update"}, [](const Row& r) { return r.pass; });
  rows.add({"layer", "1", "as strobe run --layer takes it"}, [](const Row& r) { return r.layer; });
  rows.add({"kernel", "1", "name of the longest kernel"}, [](const Row& r) { return r.kernel; });
  rows.add({"launches", "1", "kernels, all together"}, [](const Row& r) { return r.launches; });
  rows.add({"time", "s", "of all kernels"}, [](const Row& r) { return r.time; });
  rows.add({"launch_time", "s", "from launches until first CTAs start"},
           [](const Row& r) { return r.launch_time; });
  rows.add({"host_wait_time", "s", "of the GPU, for the host's call"},
           [](const Row& r) { return r.host_wait; });
  rows.add({"spread", "1", "how much the waves differ whose time was taken for those left out"},
           [](const Row& r) { return r.spread; });
  rows.add({"bound", "1", "what decides the time"},
           [](const Row& r) { return std::string(r.bound_by()); });
  rows.add({"operations", "1", "floating-point, a multiply-add being two"},
           [](const Row& r) { return r.operations; });
  rows.add({"least_bytes", "B", "of everything that is read and written, once"},
           [](const Row& r) { return r.least_bytes; });
  rows.add({"dram_read_bytes", "B", "from the DRAM"}, [](const Row& r) { return r.dram_read; });
  rows.add({"dram_write_bytes", "B", "to the DRAM"}, [](const Row& r) { return r.dram_write; });
  rows.add({"l2_bytes", "B", "between SMs and L2"}, [](const Row& r) { return r.l2; });
  rows.add({"l1_bytes", "B", "asked of the L1 by global loads and stores"},
           [](const Row& r) { return r.l1; });
  rows.add({"dram_energy", "J", "of the DRAM alone, launches and waits included"},
           [](const Row& r) { return r.dram_energy; });
  add_board(rows, [](const Row& r) { return BoardFigures{r.energy, r.total()}; });
  std::vector<double> states, causes;
  for (const Row& row : report.operations) {
    states.insert(states.end(), row.states.begin(), row.states.end());
    causes.insert(causes.end(), row.causes.begin(), row.causes.end());
  }
  group.variable({"warp_time", "1", "share of resident warps' time in each state"},
                 {"operation", "warp_state"}, std::span<const double>(states));
  group.variable({"memory_time", "1", "share of resident warps' time waiting at each place"},
                 {"operation", "cause"}, std::span<const double>(causes));
}

void write_step(Hdf5File& file, const NetworkReport& report) {
  Hdf5Group group = file.group("step");
  number_dimension(group, {"step", "1", "the step"}, 1);
  const std::array<NetworkReport, 1> reports{report};
  Columns<NetworkReport> step(group, "step", reports);
  using Row = NetworkReport;
  step.add({"batch", "1", "samples"}, [](const Row& r) { return r.options.batch; });
  step.add({"parameters", "1", "of the network"}, [](const Row& r) { return r.parameters; });
  step.add({"time", "s", "kernels, launches and waits for the host"},
           [](const Row& r) { return r.step_time(); });
  step.add({"host_interval", "s", "between two calls of operators, 0: the host is never late"},
           host_interval);
  step.add({"host_wait_time", "s", "of time, for the host's calls"}, host_wait);
  step.add({"calls", "1", "of operators by the host"}, [](const Row& r) { return r.calls; });
  step.add({"sm_clock", "Hz", "of the SMs; below the GPU's own where its power limit holds it"},
           [](const Row& r) { return static_cast<double>(r.clock.count()) * 1e3; });
  step.add({"critical_path", "s", "the longest chain of operations that need each other"},
           [](const Row& r) { return r.critical_path; });
  step.add({"host_copy_time", "s", "input over the host link, apart from time"},
           [](const Row& r) { return r.copy_time; });
  step.add({"host_copy_bytes", "B", "input of a step"}, [](const Row& r) { return r.input_bytes; });
  step.add({"host_copy_back_time", "s", "what the host reads of it, likewise"},
           [](const Row& r) { return r.copy_back_time; });
  step.add({"host_copy_back_bytes", "B", "what the host reads: the loss, outputs or tokens"},
           [](const Row& r) { return r.output_bytes; });
  step.add({"memory_bytes", "B", "needed at once"}, [](const Row& r) { return r.memory.total(); });
  step.add({"steps_of_epoch", "1", "0 where the samples are not known"},
           [](const Row& r) { return r.steps_of_epoch(); });
  add_board(step, [](const Row& r) { return BoardFigures{r.energy(), r.step_time()}; });
  step.add({"host_copy_energy", "J", "of the board during copies, apart from energy"},
           [](const Row& r) { return r.copy_energy.total(); });
}

}  // namespace

std::string_view OperationReport::bound_by() const {
  if (host_wait > launch_time + time) return "host";
  return launch_time > time ? "launch" : text_of(bound).by;
}

double NetworkReport::kernel_time() const {
  double sum = 0;
  for (const OperationReport& row : operations) sum += row.time;
  return sum;
}

double NetworkReport::launch_time() const {
  double sum = 0;
  for (const OperationReport& row : operations) sum += row.launch_time;
  return sum;
}

double NetworkReport::step_time() const {
  return kernel_time() + launch_time() + host_wait(*this);
}

double host_wait(const NetworkReport& report) {
  double sum = 0;
  for (const OperationReport& row : report.operations) sum += row.host_wait;
  return sum;
}

double host_time(const NetworkReport& report) {
  return host_interval(report) * static_cast<double>(report.calls);
}

bool is_host_bound(const NetworkReport& report) {
  return host_time(report) > report.kernel_time() + report.launch_time();
}

double NetworkReport::dram_energy() const {
  double sum = 0;
  for (const OperationReport& row : operations) sum += row.dram_energy;
  return sum;
}

device::BoardEnergy NetworkReport::energy() const {
  device::BoardEnergy sum;
  for (const OperationReport& row : operations) sum += row.energy;
  return sum;
}

std::string network_summary(const NetworkReport& report, const device::GpuSpec& gpu, bool epoch,
                            const TextStyle& style) {
  std::string text = heading(fmt::format("{} on {}", report.network, gpu.name), style);
  text += fmt::format("  {}: {} parameters\n", report.title, count_text(report.parameters));
  text +=
      fmt::format("  {}, batch {}, {}; {} operations, {} of them different\n",
                  report.options.training ? "training" : "inference", report.options.batch,
                  layers::name_of(report.options.type), report.operations.size(), report.simulated);
  text += memory_line(report, gpu);
  text += operations_text(report, style);
  return text + totals_text(report, epoch, style);
}

JsonObject network_json(const NetworkReport& report, const device::GpuSpec& gpu) {
  JsonObject json;
  json.add("schema", "strobe-network").add("schema_version", "1.2");
  json.add("network", report.network).add("gpu", gpu.name).add("batch", report.options.batch);
  json.add("training", report.options.training);
  json.add("dtype", layers::name_of(report.options.type));
  json.add("parameters", report.parameters).add("memory_bytes", report.memory.total());
  json.add("step_time", report.step_time()).add("kernel_time", report.kernel_time());
  json.add("launch_time", report.launch_time()).add("critical_path", report.critical_path);
  json.add("host_interval", host_interval(report)).add("host_wait_time", host_wait(report));
  json.add("calls", report.calls).add("host_bound", is_host_bound(report));
  json.add("host_copy_back_time", report.copy_back_time);
  json.add("host_copy_time", report.copy_time).add("steps_of_epoch", report.steps_of_epoch());
  const device::BoardEnergy energy = report.energy();
  for (const device::BoardEnergyShare& share : device::kBoardEnergyShares) {
    json.add("board_energy_" + std::string(share.name), energy.*share.energy);
  }
  json.add("board_energy", energy.total()).add("board_power", report.power());
  json.add("sm_clock", static_cast<double>(report.clock.count()) * 1e3);
  json.add("host_copy_energy", report.copy_energy.total());
  std::vector<std::string> rows;
  for (const OperationReport& row : report.operations) {
    JsonObject object;
    object.add("name", row.name).add("pass", row.pass).add("layer", row.layer);
    object.add("kernel", row.kernel).add("launches", row.launches).add("time", row.time);
    object.add("launch_time", row.launch_time).add("host_wait_time", row.host_wait);
    object.add("bound", row.bound_by());
    object.add("operations", row.operations).add("least_bytes", row.least_bytes);
    object.add("dram_read_bytes", row.dram_read).add("dram_write_bytes", row.dram_write);
    object.add("l2_bytes", row.l2).add("l1_bytes", row.l1);
    object.add("dram_energy", row.dram_energy);
    object.add("board_energy", row.energy.total());
    rows.push_back(object.text());
  }
  json.add_json("operations", json_list(rows));
  return json;
}

void write_network_file(const std::filesystem::path& path, const NetworkReport& report,
                        const device::GpuSpec& gpu, const Provenance& provenance) {
  Hdf5File file;
  file.attribute("title", report.network + " on " + gpu.name);
  file.attribute("schema", "strobe-network");
  file.attribute("schema_version", "1.2");
  write_provenance(file, provenance);
  write_operations(file, report);
  write_step(file, report);
  write_config(file, gpu.sources);
  file.commit(path);
}

}  // namespace strobe::report
