#include "sim/sweep/work.h"

#include <algorithm>
#include <filesystem>

#include "sim/base/check.h"
#include "sim/base/error.h"
#include "sim/device/section.h"
#include "sim/trace/kernel_list.h"

namespace strobe::sweep {
namespace {

using device::Section;
using device::TomlNode;

// The keys that a table may leave out.
class Optionals {
 public:
  explicit Optionals(Section& section) : section_(section) {}

  template <class Count>
  void count(std::string_view key, Count& into) {
    if (section_.optional(key) != nullptr) into = section_.count(key);
  }
  template <class Size>
  void size(std::string_view key, Size& into) {
    if (section_.optional(key) == nullptr) return;
    into = static_cast<Size>(section_.quantity<Bytes>(key).count());
  }
  void flag(std::string_view key, bool& into) {
    if (section_.optional(key) != nullptr) into = section_.flag(key);
  }

 private:
  Section& section_;
};

template <class Found>
auto pattern_of(const TomlNode& value, std::string_view known, const Found& found) {
  const auto pattern = found(value.text);
  if (!pattern) {
    throw UserError(value.place,
                    "'" + value.path + "' must be one of " + std::string(known) + " here");
  }
  return *pattern;
}

trace::KernelRecipe read_recipe(Section& section, const WorkContext& context) {
  trace::KernelRecipe recipe;
  recipe.pattern = pattern_of(*section.optional("pattern"),
                              "copy, read, write, chase, gather, vectoradd", trace::pattern_named);
  if (context.seed) recipe.seed = *context.seed;
  Optionals optionals(section);
  optionals.size("bytes", recipe.bytes);
  optionals.count("warps", recipe.warps_per_cta);
  optionals.count("loads", recipe.loads);
  optionals.size("lane_bytes", recipe.lane_bytes);
  optionals.size("stride", recipe.stride);
  optionals.flag("random", recipe.random_order);
  optionals.count("architecture", recipe.architecture);
  optionals.flag("copies", recipe.copies_first);
  section.close();
  trace::generate({recipe});  // refuses what cannot be made
  return recipe;
}

constexpr std::uint64_t kBurst = 32, kMostBytes = 4096;  // that a request may ask for

void check_request_bytes(std::uint64_t bytes, const TomlNode& table) {
  if (bytes % kBurst != 0 || bytes > kMostBytes) {
    throw UserError(device::place_of(table, "request_bytes"),
                    "'request_bytes' must be a multiple of 32 B up to 4 KiB");
  }
}

Requests read_requests(Section& section, const WorkContext& context) {
  trace::RequestRecipe recipe;
  recipe.pattern = pattern_of(*section.optional("pattern"), "sequential, random, stride, mixed",
                              trace::request_pattern_named);
  recipe.chosen_seed = context.seed;
  Requests requests;
  Optionals optionals(section);
  optionals.count("requests", recipe.requests);
  optionals.size("footprint", recipe.footprint);
  optionals.size("request_bytes", recipe.request_bytes);
  if (section.optional("load") != nullptr) requests.load = section.quantity<BytesPerSecond>("load");
  section.close();
  check_request_bytes(recipe.request_bytes, section.node());
  if (recipe.footprint % (4 * recipe.request_bytes) != 0) {
    throw UserError(device::place_of(section.node(), "footprint"),
                    "'footprint' must be a multiple of four requests");
  }
  requests.input = recipe;
  return requests;
}

Work read_trace(Section& section, const WorkContext& context) {
  const std::string name = section.text("trace");
  const std::string path =
      (std::filesystem::path(context.folder) / name).lexically_normal().string();
  if (context.kind == run::Target::gpu) {
    section.close();
    return KernelTrace{path};
  }
  run::RequestFile file{path};
  Requests requests;
  Optionals(section).size("request_bytes", file.request_bytes);
  if (section.optional("load") != nullptr) requests.load = section.quantity<BytesPerSecond>("load");
  section.close();
  check_request_bytes(file.request_bytes, section.node());
  requests.input = file;
  return requests;
}

bool is_random(const Work& work) {
  if (const auto* recipe = std::get_if<trace::KernelRecipe>(&work)) {
    return recipe->pattern == trace::Pattern::gather || recipe->random_order;
  }
  const auto* requests = std::get_if<Requests>(&work);
  if (requests == nullptr) return false;
  const auto* recipe = std::get_if<trace::RequestRecipe>(&requests->input);
  return recipe != nullptr && (recipe->pattern == trace::RequestPattern::random ||
                               recipe->pattern == trace::RequestPattern::mixed);
}

Work read_either(Section& section, const WorkContext& context) {
  const TomlNode* pattern = section.optional("pattern");
  const TomlNode* trace = section.optional("trace");
  const TomlNode* layer = section.optional("layer");
  const TomlNode* network = section.optional("network");
  const bool on_gpu = context.kind == run::Target::gpu;
  if ((pattern != nullptr) + (trace != nullptr) + (layer != nullptr) + (network != nullptr) != 1) {
    throw UserError(section.node().place,
                    "a [[work]] needs one of trace, pattern, layer and network");
  }
  if (layer != nullptr && !on_gpu) throw UserError(layer->place, "a layer runs on a GPU only");
  if (network != nullptr && !on_gpu) {
    throw UserError(network->place, "a network runs on a GPU only");
  }
  if (network != nullptr) return read_network_work(section, context.folder);
  if (layer != nullptr) return read_layer(section);
  if (trace != nullptr) return read_trace(section, context);
  if (pattern->kind != TomlNode::Kind::text) {
    throw UserError(pattern->place, "'" + pattern->path + "' must be a text");
  }
  if (on_gpu) return read_recipe(section, context);
  return read_requests(section, context);
}

}  // namespace

Work read_work(const TomlNode& table, const WorkContext& context) {
  std::vector<device::Sourced> unused;
  Section section(table, unused);
  Work work = read_either(section, context);
  if (context.seed && !is_random(work)) {
    throw UserError(table.place,
                    "nothing in this work is random: 'seeds' would repeat it as it is");
  }
  return work;
}

std::vector<std::string> files_of(const Work& work) {
  if (const auto* trace = std::get_if<KernelTrace>(&work)) {
    const auto program = trace::open_program(trace->path);
    program->check();
    return program->files();
  }
  if (const auto* requests = std::get_if<Requests>(&work)) {
    if (const auto* file = std::get_if<run::RequestFile>(&requests->input)) return {file->name};
  }
  if (const auto* network = std::get_if<NetworkWork>(&work)) return {network->file};
  return {};
}

double estimated_seconds(const Work& work, std::uint64_t bytes, const Device& device) {
  // Of one core of 2.5 GHz, rounded, measured with a V100 and its memory: traces of copies and
  // gathers, generated ones, and a million random requests. Other devices differ by small factors.
  constexpr double kStart = 0.02, kTraceBytesPerSecond = 8e6, kRequestsPerSecond = 1e6;
  constexpr double kSectorsPerSecond = 1e6, kScatteredPerSecond = 0.35e6, kBytesOfRequest = 20;
  const auto of_bytes = static_cast<double>(bytes);
  if (const auto* layer = std::get_if<LayerWork>(&work)) {
    return kStart + estimated_seconds(*layer, std::get<device::GpuSpec>(device));
  }
  if (const auto* network = std::get_if<NetworkWork>(&work)) {
    return kStart + estimated_seconds(*network, std::get<device::GpuSpec>(device));
  }
  if (std::holds_alternative<KernelTrace>(work)) return kStart + of_bytes / kTraceBytesPerSecond;
  if (const auto* recipe = std::get_if<trace::KernelRecipe>(&work)) {
    const double sectors = static_cast<double>(recipe->bytes) / 32;
    switch (recipe->pattern) {
      case trace::Pattern::chase:
        return kStart + recipe->loads / kScatteredPerSecond;
      case trace::Pattern::gather:
        return kStart + sectors / kScatteredPerSecond;
      default:
        return kStart + 2 * sectors / kSectorsPerSecond;  // of two arrays
    }
  }
  const run::RequestInput& input = std::get<Requests>(work).input;
  const auto* recipe = std::get_if<trace::RequestRecipe>(&input);
  const double requests =
      recipe != nullptr ? static_cast<double>(recipe->requests) : of_bytes / kBytesOfRequest;
  return kStart + requests / kRequestsPerSecond;
}

std::unique_ptr<trace::Program> open_program(const Work& work) {
  if (const auto* recipe = std::get_if<trace::KernelRecipe>(&work)) {
    return trace::generate({*recipe});
  }
  return trace::open_program(std::get<KernelTrace>(work).path);
}

}  // namespace strobe::sweep
