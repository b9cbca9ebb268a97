#pragma once

// What a run of a sweep replays: a [[work]] table with the values of its axes laid over it.

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sim/device/toml_reader.h"
#include "sim/run/offered_requests.h"
#include "sim/run/target.h"
#include "sim/sweep/layer_work.h"
#include "sim/sweep/network_work.h"
#include "sim/trace/generate.h"

namespace strobe::sweep {

// A trace of kernels, by the path to open.
struct KernelTrace {
  std::string path;
};

// For memory alone.
struct Requests {
  run::RequestInput input;
  std::optional<BytesPerSecond> load;
};

using Work = std::variant<KernelTrace, trace::KernelRecipe, LayerWork, NetworkWork, Requests>;

// What a run happens on.
using Device = std::variant<device::GpuSpec, dram::PartSpec>;

struct WorkContext {
  run::Target kind{};
  std::string folder;  // that paths in the table are relative to
  std::optional<std::uint64_t> seed;
};

// Throws UserError with the place of what is wrong in the table.
Work read_work(const device::TomlNode& table, const WorkContext& context);

// Paths of the files it is read from; throws UserError when they are damaged or not there.
std::vector<std::string> files_of(const Work& work);

// How long a run of it may take on one core, in seconds: for sharing runs out evenly and for
// telling whether a sweep is a matter of minutes or days. `bytes` are those of its files, `device`
// is what a layer or network would run on; throws UserError when it cannot.
double estimated_seconds(const Work& work, std::uint64_t bytes, const Device& device);

// REQUIRES: the work is a trace or a recipe.
std::unique_ptr<trace::Program> open_program(const Work& work);

}  // namespace strobe::sweep
