#include "sim/sweep/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <numeric>

#include "sim/device/overrides.h"
#include "sim/device/read_dram.h"
#include "sim/device/read_gpu.h"
#include "sim/report/figures.h"
#include "sim/report/memory_rows.h"
#include "sim/report/network_fields.h"
#include "sim/run/version.h"
#include "sim/sweep/grid_axes.h"
#include "sim/sweep/program_hash.h"

namespace strobe::sweep {
namespace {

using device::TomlNode;

// Remembers what was read once and is asked for again: by other runs on the same device, with the
// same trace.
class Planner {
 public:
  explicit Planner(const SweepFile& sweep)
      : sweep_(sweep), axes_(sweep), folder_(std::filesystem::path(sweep.file).parent_path()) {}

  Plan make() {
    add_input(sweep_.file);
    plan_.grid.dimensions = axes_.dimensions();
    plan_.grid.coordinates = axes_.coordinates();
    plan_.grid.rows.resize(axes_.size());
    for (std::size_t place = 0; place < axes_.size(); ++place) plan_run(place);
    if (plan_.runs.empty()) {
      throw UserError(sweep_.where.front().place, "'where' excludes every run");
    }
    add_columns();
    add_attributes();
    return std::move(plan_);
  }

 private:
  struct KnownTrace {
    std::vector<std::string> files;
    std::string hashes;
    std::uint64_t bytes = 0;
  };

  // Whatever `make` complains of is reported at a line of the sweep, and with the run it concerns
  // when it is about a combination of values and no line of the sweep alone is to blame.
  template <class Make>
  auto at(const std::string& label, const Place& place, const Make& make) const {
    try {
      return make();
    } catch (const UserError& error) {
      const std::string what = error.what();
      // A derived value is not in the file: the run says which one it was.
      for (const Derived& derived : sweep_.derived) {
        const Place& line = derived.expression.place;
        if (what.starts_with(fmt::format("{}:{}:", line.file, line.line))) {
          throw UserError(what + ", with " + label);
        }
      }
      if (what.starts_with(sweep_.file + ":")) throw;
      throw UserError(place, "with " + label + ": " + what);
    }
  }

  void plan_run(std::size_t place) {
    const Positions positions = axes_.positions(place);
    const std::vector<Named> names = axes_.names(positions);
    for (const Expression& condition : sweep_.where) {
      if (holds(condition, names)) continue;
      plan_.grid.rows[place].status = report::RunStatus::excluded;
      return;
    }
    PlannedRun run;
    run.place = place;
    run.label = axes_.label(positions);
    const std::vector<Setting> settings = settings_at(positions, names);
    run.device = device_at(positions, settings, run.label);
    const TomlNode table = work_table(positions, settings);
    const std::optional<std::uint64_t> seed = seed_at(positions);
    run.work = at(run.label, table.place, [&] {
      return read_work(table, {sweep_.kind, folder_.string(), seed});
    });
    const KnownTrace& trace = trace_of(run, table.place);
    run.seconds = at(run.label, table.place, [&] {
      return estimated_seconds(run.work, trace.bytes, plan_.devices[run.device]);
    });
    const std::string seed_text = seed ? std::to_string(*seed) : "";
    const std::string work_text = canonical_text(table);
    run.hash =
        report::sha256(fmt::format("{}\n{}\n[work]\n{}[files]\n{}[seed]\n{}\n", program_hash(),
                                   resolved_[run.device], work_text, trace.hashes, seed_text));
    plan_.runs.push_back(std::move(run));
  }

  // What the axes, [set] and [derived] say of keys at one place of the grid.
  std::vector<Setting> settings_at(const Positions& positions,
                                   const std::vector<Named>& names) const {
    std::vector<Setting> settings = sweep_.settings;
    for (std::size_t i = 0; i < positions.size(); ++i) {
      const Axis& axis = sweep_.axes[i];
      if (!axis.key.empty()) settings.push_back({axis.key, axis.choices[positions[i]].value});
    }
    for (const Derived& derived : sweep_.derived) {
      settings.push_back({derived.key, derived_value(derived, names)});
    }
    return settings;
  }

  static TomlNode derived_value(const Derived& derived, const std::vector<Named>& names) {
    TomlNode node;
    node.place = derived.expression.place;
    node.provenance = {"derived", derived.expression.text};
    const Value value = evaluate(derived.expression, names);
    const auto* amount = std::get_if<Amount>(&value);
    node.text =
        amount != nullptr ? text_of(*amount, derived.expression) : std::get<std::string>(value);
    node.kind = TomlNode::Kind::text;
    if (amount != nullptr && !amount->dimension) {
      node.kind = TomlNode::Kind::integer;
      node.integer = amount->numerator;
    }
    return node;
  }

  std::size_t device_at(const Positions& positions, const std::vector<Setting>& settings,
                        const std::string& label) {
    const Choice& target = sweep_.axes.front().choices[positions.front()];
    device::Overrides overrides;
    Place blamed = target.value.place;
    for (const Setting& setting : settings) {
      if (setting.key.starts_with(kWorkKey)) continue;
      if (sweep_.kind == run::Target::gpu) {
        overrides.set_of_gpu(setting.key, setting.value);
      } else {
        device::put(overrides.file, setting.key, setting.value);
      }
      blamed = setting.value.place;
    }
    const std::string key =
        target.text + "\n" + canonical_text(overrides.file) + "\n" + canonical_text(overrides.part);
    const auto known = device_of_key_.find(key);
    if (known != device_of_key_.end()) return known->second;
    at(label, blamed, [&] {
      read_device(target.text, overrides);
      return 0;
    });
    device_of_key_.emplace(key, resolved_.size() - 1);
    return resolved_.size() - 1;
  }

  void read_device(const std::string& target, const device::Overrides& overrides) {
    if (sweep_.kind == run::Target::gpu) {
      device::GpuSpec gpu = device::read_gpu(target, overrides);
      for (const std::string& file : gpu.files) add_input(file);
      resolved_.push_back("[gpu]\n" + gpu.resolved);
      gpu.sources.clear();  // of no use to a run, and the larger part of a spec
      gpu.resolved.clear();
      plan_.devices.emplace_back(std::move(gpu));
    } else {
      device::SourcedPart part = device::read_dram(target, {nullptr, nullptr, &overrides.file});
      for (const std::string& file : part.files) add_input(file);
      resolved_.push_back("[part]\n" + part.resolved);
      plan_.devices.emplace_back(std::move(part.part));
    }
  }

  TomlNode work_table(const Positions& positions, const std::vector<Setting>& settings) const {
    TomlNode table = sweep_.works[positions[1]];
    for (const Setting& setting : settings) {
      if (!setting.key.starts_with(kWorkKey)) continue;
      device::put(table, setting.key.substr(kWorkKey.size()), setting.value);
    }
    return table;
  }

  std::optional<std::uint64_t> seed_at(const Positions& positions) const {
    const Axis& last = sweep_.axes.back();
    if (last.name != kSeedAxis || !last.key.empty()) return std::nullopt;
    return static_cast<std::uint64_t>(last.choices[positions.back()].value.integer);
  }

  const KnownTrace& trace_of(const PlannedRun& run, const Place& place) {
    const std::string path = path_of(run.work);
    for (const auto& [known, trace] : traces_) {
      if (known == path) return trace;
    }
    KnownTrace trace;
    at(run.label, place, [&] {
      trace.files = files_of(run.work);
      for (const std::string& file : trace.files) {
        const report::InputFile& input = add_input(file);
        trace.hashes += input.sha256 + "\n";
        trace.bytes += input.bytes;
      }
      return 0;
    });
    traces_.emplace_back(path, std::move(trace));
    return traces_.back().second;
  }

  static std::string path_of(const Work& work) {
    if (const auto* trace = std::get_if<KernelTrace>(&work)) return trace->path;
    if (const auto* network = std::get_if<NetworkWork>(&work)) return network->file;
    if (const auto* requests = std::get_if<Requests>(&work)) {
      if (const auto* file = std::get_if<run::RequestFile>(&requests->input)) return file->name;
    }
    return {};
  }

  // Files of the sweep are named as the sweep sees them, configs by kind and name: where a tree
  // lies is no part of a result.
  std::string shown(const std::string& file) const {
    const std::filesystem::path path(file);
    const std::filesystem::path relative = path.lexically_relative(folder_);
    if (path.extension() != ".toml" || file == sweep_.file) {
      return file == sweep_.file ? path.filename().string()
             : relative.empty()  ? file
                                 : relative.generic_string();
    }
    return (path.parent_path().filename() / path.filename()).generic_string();
  }

  const report::InputFile& add_input(const std::string& file) {
    const auto known = std::ranges::find(read_, file);
    if (known != read_.end())
      return plan_.grid.inputs[static_cast<std::size_t>(known - read_.begin())];
    const std::filesystem::path path(file);
    report::InputFile input = report::hash_inputs(std::span(&path, 1)).front();
    input.path = shown(file);
    read_.push_back(file);
    plan_.grid.inputs.push_back(std::move(input));
    return plan_.grid.inputs.back();
  }

  // What a result will have, asked of a run in which nothing happened.
  void add_columns() {
    report::RunFields fields;
    const Device& first = plan_.devices.front();
    if (const auto* gpu = std::get_if<device::GpuSpec>(&first)) {
      fields = report::fields_of(device::RunResult{}, *gpu, report::limits_of(*gpu));
      const auto is_network = [](const PlannedRun& run) {
        return std::holds_alternative<NetworkWork>(run.work);
      };
      if (std::ranges::any_of(plan_.runs, is_network)) {
        const report::RunFields more = report::step_fields({});
        fields.columns.insert(fields.columns.end(), more.columns.begin(), more.columns.end());
      }
    } else {
      const auto& part = std::get<dram::PartSpec>(first);
      const dram::ReplayResult nothing;
      fields = report::fields_of(report::MemoryRun{part, part.geometry.channels, nothing, {}});
    }
    plan_.grid.inner = std::move(fields.inner);
    plan_.grid.columns = std::move(fields.columns);
    for (const Axis& axis : sweep_.axes) {
      refuse_taken(axis.name, axis.place);
      refuse_taken(axis.name + "_value", axis.place);
      refuse_taken(axis.dimension, axis.place);
    }
    for (const Derived& derived : sweep_.derived) {
      std::string name = derived.key;
      std::ranges::replace(name, '.', '_');
      refuse_taken(name, derived.expression.place);
      const auto same = std::ranges::find(sweep_.axes, name, &Axis::name);
      if (same != sweep_.axes.end()) {
        throw UserError(same->place, "'" + name + "' is derived and an axis");
      }
    }
  }

  void refuse_taken(const std::string& name, const Place& place) const {
    const auto is_it = [&name](const auto& variable) { return variable.label.name == name; };
    if (std::ranges::any_of(plan_.grid.columns, is_it) ||
        std::ranges::any_of(plan_.grid.inner, is_it)) {
      throw UserError(place, "'" + name + "' is what a result is called: give the axis a name");
    }
  }

  void add_attributes() {
    const std::string name = std::filesystem::path(sweep_.file).filename().string();
    std::string plan_text;
    for (const PlannedRun& run : plan_.runs) {
      plan_text += std::to_string(run.place) + " " + run.label + " " + run.hash + "\n";
    }
    auto& attributes = plan_.grid.attributes;
    attributes.push_back({"title", sweep_.title.empty() ? "Sweep " + name : sweep_.title});
    attributes.push_back({"strobe_version", std::string(run::kVersion)});
    attributes.push_back({"strobe_program", program_hash()});
    attributes.push_back({"command_line", "strobe sweep " + name});
    attributes.push_back({"sweep", sweep_.text});
    attributes.push_back({"plan", report::sha256(plan_text)});
    for (std::size_t i = 0; i < 2; ++i) {
      const Axis& axis = sweep_.axes[i];
      if (axis.dimension.empty()) attributes.push_back({axis.name, axis.choices.front().text});
    }
  }

  const SweepFile& sweep_;
  GridAxes axes_;
  std::filesystem::path folder_;
  Plan plan_;
  std::map<std::string, std::size_t> device_of_key_;
  std::vector<std::string> resolved_;  // of each device, what a run depends on
  std::vector<std::pair<std::string, KnownTrace>> traces_;
  std::vector<std::string> read_;
};

}  // namespace

double Plan::seconds() const {
  double sum = 0;
  for (const PlannedRun& run : runs) sum += run.seconds;
  return sum;
}

Plan make_plan(const SweepFile& sweep) {
  return Planner(sweep).make();
}

std::vector<std::size_t> shard_of_runs(const Plan& plan, std::size_t shards) {
  // The longest run goes to whoever has least so far.
  std::vector<std::size_t> order(plan.runs.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    return plan.runs[a].seconds > plan.runs[b].seconds;
  });
  std::vector<double> load(shards, 0);
  std::vector<std::size_t> shard(plan.runs.size());
  for (const std::size_t run : order) {
    const auto least = std::ranges::min_element(load);
    *least += plan.runs[run].seconds;
    shard[run] = static_cast<std::size_t>(least - load.begin());
  }
  return shard;
}

}  // namespace strobe::sweep
