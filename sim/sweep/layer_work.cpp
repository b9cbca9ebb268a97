#include "sim/sweep/layer_work.h"

#include <algorithm>

#include "sim/base/error.h"
#include "sim/layers/layer_text.h"
#include "sim/layers/layer_time.h"
#include "sim/layers/loop_cut.h"
#include "sim/layers/lower.h"
#include "sim/model/sm/occupancy.h"
#include "sim/run/outcome.h"
#include "sim/run/power_limit.h"

namespace strobe::sweep {
namespace {

using device::TomlNode;

// Seconds of one CTA of `kernel` that goes `rounds` times round its loop. Of one core of 2.5 GHz,
// measured with matrix products, softmax and sums on a V100; others differ by small factors.
double seconds_of_cta(const layers::Kernel& kernel, std::uint64_t rounds) {
  constexpr double kOfInstruction = 5e-8, kOfSector = 1e-6, kSectorBytes = 32;
  trace::Cta cta;
  kernel.fill(cta, rounds);
  double seconds = 0;
  for (const trace::Instruction& each : cta.instructions) {
    const std::uint32_t addresses = each.address_count();
    seconds += kOfInstruction * (addresses == 0 ? std::max<std::uint16_t>(each.bulk_count, 1) : 1);
    if (each.space != trace::Space::global) continue;
    seconds += kOfSector * addresses * each.access_bytes / kSectorBytes;
  }
  return seconds;
}

std::string given_size(const TomlNode& value) {
  if (value.kind == TomlNode::Kind::integer) {
    return " " + value.key + "=" + std::to_string(value.integer);
  }
  if (value.kind == TomlNode::Kind::text) return " " + value.key + "=" + value.text;
  throw UserError(value.place, "'" + value.path + "' must be a number or a text");
}

}  // namespace

LayerWork read_layer(const device::Section& section) {
  LayerWork work;
  std::string text;
  Place place;
  for (const TomlNode& value : section.node().children) {
    if (value.key == "layer") {
      if (value.kind != TomlNode::Kind::text) {
        throw UserError(value.place, "'" + value.path + "' must be a text");
      }
      text = value.text + text;
      place = value.place;
    } else if (value.key == "exact") {
      if (value.kind != TomlNode::Kind::flag) {
        throw UserError(value.place, "'" + value.path + "' must be true or false");
      }
      work.exact = value.flag;
    } else {
      text += given_size(value);
    }
  }
  try {
    work.layer = layers::parse_layer(text);
  } catch (const UserError& error) {
    throw UserError(place, error.what());
  }
  return work;
}

double estimated_seconds(const LayerWork& work, const device::GpuSpec& gpu) {
  constexpr std::uint64_t kWaves = 5;  // after which sampling mostly ends
  const auto kernels = layers::lower(work.layer, gpu);
  const double shares = work.exact ? 1 : layers::shares_of(kernels, gpu);
  double seconds = 0;
  for (const auto& kernel : kernels) {
    const trace::KernelHeader& header = kernel->header();
    const std::uint64_t all_rounds = kernel->loop_rounds();
    const std::uint64_t rounds = work.exact ? all_rounds : layers::cut_of(*kernel, gpu).simulated();
    const std::uint64_t wave = std::uint64_t{sm::residency(gpu.sm, header).ctas} * gpu.sms;
    const std::uint64_t ctas =
        work.exact ? header.cta_count() : std::min(header.cta_count(), kWaves * wave);
    seconds += static_cast<double>(ctas) * seconds_of_cta(*kernel, rounds);
  }
  return seconds / shares;
}

device::RunResult run_layer(const LayerWork& work, const device::GpuSpec& gpu) {
  device::NoProgress nobody;
  auto [at, result] =
      run::time_sustained(layers::lower(work.layer, gpu), gpu, {}, {.exact = work.exact}, nobody);
  run::check_against_bounds(result, at);
  return std::move(result);
}

}  // namespace strobe::sweep
