#include "sim/sweep/network_work.h"

#include <filesystem>

#include "sim/base/error.h"
#include "sim/device/catalogue.h"
#include "sim/report/network_fields.h"
#include "sim/run/network_choice.h"
#include "sim/run/network_run.h"
#include "sim/sweep/layer_work.h"

namespace strobe::sweep {
namespace {

using device::Section;
using device::TomlNode;

// What `take` finds wrong with a text is said at its line. False when there is none.
template <class Take>
bool take_text(Section& section, std::string_view key, const Take& take) {
  const TomlNode* value = section.optional(key);
  if (value == nullptr) return false;
  const std::string text = section.text(key);
  try {
    take(text);
  } catch (const UserError& error) {
    throw UserError(value->place, "'" + value->path + "': " + error.what());
  }
  return true;
}

template <class Count>
void take_count(Section& section, std::string_view key, Count& into) {
  if (section.optional(key) != nullptr) into = section.count(key);
}

void take_flag(Section& section, std::string_view key, bool& into) {
  if (section.optional(key) != nullptr) into = section.flag(key);
}

// A path, or the name of a network that is shipped.
std::string file_named(const std::string& name, const std::string& folder) {
  if (name.find('/') == std::string::npos && !name.ends_with(".toml") && !name.ends_with(".onnx")) {
    return device::find_network(name);
  }
  return device::find_network((std::filesystem::path(folder) / name).lexically_normal().string());
}

networks::SequenceSizes read_sizes(Section& section) {
  networks::SequenceSizes sizes;
  take_count(section, "tokens", sizes.tokens);
  take_count(section, "context", sizes.context);
  take_text(section, "phase", [&](const std::string& name) {
    if (sizes.tokens > 0) throw UserError("says how many tokens go in");
    sizes = run::sizes_in_phase(name, sizes);
  });
  return sizes;
}

class NobodyWatches : public run::PredictProgress {
  void layers_done(std::size_t, std::size_t) override {}
  void row_done(const report::Prediction&) override {}
};

}  // namespace

NetworkWork read_network_work(Section& section, const std::string& folder) {
  NetworkWork work;
  take_text(section, "network",
            [&](const std::string& name) { work.file = file_named(name, folder); });
  take_count(section, "batch", work.step.batch);
  take_flag(section, "train", work.step.training);
  take_flag(section, "exact", work.exact);
  take_text(section, "optimiser",
            [&](const std::string& name) { work.step.optimiser = run::optimiser_named(name); });
  take_text(section, "optimiser_launches", [&](const std::string& name) {
    work.step.updates_by_tensor = run::is_by_tensor(name);
  });
  take_text(section, "host_interval",
            [&](const std::string& text) { work.step.host_interval = run::interval_named(text); });
  take_text(section, "attention", [&](const std::string& name) {
    work.step.wants_eager_attention = run::is_eager_attention(name);
  });
  work.sequence = read_sizes(section);
  const bool has_weights = take_text(section, "weights", [&](const std::string& name) {
    work.step.weights = run::weights_named(name);
  });
  take_text(section, "head",
            [&](const std::string& name) { work.step.head = run::weights_named(name); });
  work.step.type = run::usual_type(has_weights || section.optional("phase") != nullptr);
  take_text(section, "dtype",
            [&](const std::string& name) { work.step.type = run::type_named(name); });
  work.step.is_type_given = section.optional("dtype") != nullptr;
  section.close();
  networks::make_step(networks::read_network(work.file, work.sequence), work.step);
  return work;
}

double estimated_seconds(const NetworkWork& work, const device::GpuSpec& gpu) {
  const networks::Network network = networks::read_network(work.file, work.sequence);
  double seconds = 0;
  for (const layers::Layer& layer : run::simulated_layers(network, work.step, gpu)) {
    seconds += estimated_seconds(LayerWork{layer, work.exact}, gpu);
  }
  return seconds;
}

std::vector<double> run_network(const NetworkWork& work, const device::GpuSpec& gpu) {
  const networks::Network network = networks::read_network(work.file, work.sequence);
  NobodyWatches nobody;
  const report::NetworkReport report =
      run::time_step(network, work.step, gpu, {1, work.exact}, nobody);
  std::vector<double> values = report::fields_of(report, gpu, report::limits_of(gpu)).values;
  const std::vector<double> of_step = report::step_fields(report).values;
  values.insert(values.end(), of_step.begin(), of_step.end());
  return values;
}

}  // namespace strobe::sweep
