#include "sim/validate/benchmark.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "sim/base/error.h"
#include "sim/device/cached_bytes.h"
#include "sim/device/wiring.h"
#include "sim/validate/kernels.h"

namespace strobe::validate {

namespace {

using device::GpuSpec;
using trace::KernelRecipe;
using trace::Pattern;

constexpr std::uint64_t kLine = 128;

// Several refreshes of every bank, and several times what the write queues hold back.
constexpr double kWindow = 20e-6;  // s

// Arrays as far apart as those of BabelStream's default size, which decides what banks the streams
// of a kernel meet in.
constexpr std::uint64_t kArraySpacing = 256 << 20;

std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) {
  return (a + b - 1) / b;
}

std::uint32_t small(std::uint64_t number) {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(number, 0xFFFF'FFFF));
}

// The difference of the times of the last two kernels.
double last_difference(const device::RunResult& result) {
  const auto& kernels = result.kernels;
  return seconds_of(kernels.back()) - seconds_of(kernels[kernels.size() - 2]);
}

// One thread chases a random cycle through all lines of the footprint, warm. A small footprint is
// walked through whole every time, so that a cache that holds most of it is seen in proportion; a
// larger one once, or until the L2 is full of it, and then a stretch of it again.
double chase_nanoseconds(const GpuSpec& gpu, std::uint64_t footprint, std::uint64_t stride) {
  constexpr std::uint64_t kWalkedWhole = 8192, kStretch = 4096, kSettling = 256;
  KernelRecipe recipe;
  recipe.pattern = Pattern::chase;
  recipe.bytes = footprint;
  recipe.stride = stride;
  recipe.random_order = true;
  const std::uint64_t places = footprint / stride;
  KernelRecipe shorter = recipe, longer = recipe;
  if (places <= kWalkedWhole) {
    recipe.loads = shorter.loads = small(places);
    longer.loads = small(places * (1 + ceil_div(kStretch / 2, places)));
  } else {
    recipe.loads = small(std::min(places, 2 * l2_bytes(gpu) / kLine));
    shorter.first_place = recipe.loads;
    shorter.loads = kSettling;
    longer.first_place = recipe.loads + kSettling;
    longer.loads = kSettling + kStretch;
  }
  const double seconds = last_difference(run_kernels(gpu, {recipe, shorter, longer}));
  return seconds * 1e9 / (longer.loads - shorter.loads);
}

// Many chases at once, each through lines of its own that nobody has touched.
double crowded_chase_nanoseconds(const GpuSpec& gpu, const Figure& figure) {
  KernelRecipe shorter;
  shorter.pattern = Pattern::chase;
  shorter.bytes = figure.parameter("footprint", 64 << 20);
  shorter.stride = figure.parameter("stride", kLine);
  shorter.random_order = true;
  shorter.ctas = small(figure.parameter("blocks", 1));
  shorter.warps_per_cta = small(figure.parameter("warps", 1));
  shorter.loads = 32;
  KernelRecipe longer = shorter;
  longer.base = trace::start_of_array(shorter, 1);
  longer.loads = shorter.loads + 128;
  const double seconds = last_difference(run_kernels(gpu, {shorter, longer}));
  return seconds * 1e9 / (longer.loads - shorter.loads);
}

double run_chase(const GpuSpec& gpu, const Figure& figure) {
  if (figure.parameter("blocks") || figure.parameter("warps")) {
    return crowded_chase_nanoseconds(gpu, figure);
  }
  return chase_nanoseconds(gpu, figure.parameter("footprint", 64 << 20),
                           figure.parameter("stride", kLine));
}

double run_chase_in_cycles(const GpuSpec& gpu, const Figure& figure) {
  return run_chase(gpu, figure) * static_cast<double>(gpu.sm.clock.count()) * 1e-6;
}

// The footprint, in KiB, at which a chase is half way from its latency at footprint `from` to that
// at `to`: where a cache ends.
double run_capacity(const GpuSpec& gpu, const Figure& figure) {
  constexpr double kPrecise = 1.03;
  auto low = static_cast<double>(figure.parameter("from", 2 << 10));
  auto high = static_cast<double>(figure.parameter("to", 64 << 20));
  const auto latency = [&](double footprint) {
    return chase_nanoseconds(gpu, static_cast<std::uint64_t>(footprint) / kLine * kLine, kLine);
  };
  const double half = (latency(low) + latency(high)) / 2;
  while (high / low > kPrecise) {
    const double middle = std::sqrt(low * high);
    (latency(middle) < half ? low : high) = middle;
  }
  return std::sqrt(low * high) / 1024;
}

KernelRecipe stream_recipe(const GpuSpec& gpu, const Figure& figure) {
  KernelRecipe recipe;
  recipe.pattern = *trace::pattern_named(figure.benchmark);
  recipe.lane_bytes = small(figure.parameter("lane_bytes", 8));
  recipe.warps_per_cta = small(figure.parameter("threads", 1024) / trace::kWarpLanes);
  recipe.loads = small(figure.parameter("loads", 1));
  recipe.ctas = small(figure.parameter("blocks", 0));
  recipe.stages = small(figure.parameter("stages", 0));
  if (figure.parameter("every_block_all", 0) != 0) recipe.share = trace::Share::whole;
  if (const auto ctas = figure.parameter("blocks_per_sm")) {
    recipe.shared_bytes = shared_bytes_for(gpu, std::max<std::uint64_t>(*ctas, 1));
  }
  return recipe;
}

double arrays_of(const KernelRecipe& recipe) {
  const trace::Streams streams = trace::streams_of(recipe.pattern);
  return streams.reads + streams.writes;
}

// What a kernel of this recipe moves in the window, roughly: as much as the pins carry, or as its
// CTAs do when each of their turns takes as long as a store and a block's start. Where it writes,
// the window is not shorter than what the caches hold takes to pass the pins: how much of it is
// dirty at the end differs by a few per cent from kernel to kernel.
double window_bytes(const GpuSpec& gpu, const KernelRecipe& recipe, std::uint64_t bytes_of_turn) {
  constexpr double kShortestTurn = 200e-9;  // s
  const auto dram = static_cast<double>(device::peaks_of(gpu).dram.count());
  const std::uint64_t resident = resident_ctas(gpu, recipe);
  const std::uint64_t ctas =
      recipe.ctas == 0 ? resident : std::min(std::uint64_t{recipe.ctas}, resident);
  const double turns = static_cast<double>(bytes_of_turn * ctas) * arrays_of(recipe);
  const bool writes = trace::streams_of(recipe.pattern).writes > 0;
  const double held = writes ? static_cast<double>(device::cached_bytes(gpu)) : 0;
  return std::min(dram, turns / kShortestTurn) * std::max(kWindow, held / dram);
}

// Arrays that no cache holds. A kernel before them leaves the caches as every repeat of a benchmark
// but the first finds them: full of lines of another pass, and of those as many dirty as the
// pattern writes.
double stream_from_dram(const GpuSpec& gpu, KernelRecipe shorter) {
  const std::uint64_t bytes_of_cta =
      std::uint64_t{shorter.warps_per_cta} * trace::kWarpLanes * shorter.lane_bytes * shorter.loads;
  // Whole turns of a loop's CTAs, else whole waves of those that are resident at once.
  const std::uint64_t ctas = shorter.ctas > 0 ? shorter.ctas : resident_ctas(gpu, shorter);
  const std::uint64_t step = bytes_of_cta * ctas;
  shorter.spacing = kArraySpacing;
  const auto window =
      static_cast<std::uint64_t>(window_bytes(gpu, shorter, bytes_of_cta) / arrays_of(shorter));
  const std::uint64_t steps = std::max<std::uint64_t>(ceil_div(window, step), 2);
  shorter.bytes = step * ceil_div(steps, 2);

  std::vector<KernelRecipe> recipes;
  if (trace::streams_of(shorter.pattern).writes > 0) {
    KernelRecipe fill = shorter;
    const auto filling = static_cast<double>(device::cached_bytes(gpu)) * 1.25 / arrays_of(fill);
    fill.bytes = static_cast<std::uint64_t>(filling) / kLine * kLine;
    recipes.push_back(fill);
    shorter = beyond(fill, shorter);
  }
  KernelRecipe longer = beyond(shorter, shorter);
  longer.bytes = shorter.bytes + step * steps;
  recipes.push_back(shorter);
  recipes.push_back(longer);
  const double moved = arrays_of(shorter) * static_cast<double>(step * steps);
  return moved / last_difference(run_kernels(gpu, recipes)) * 1e-9;
}

// Arrays that are gone through again and again, `footprint` bytes together: by the same blocks, or
// by new ones. New ones start where others end and are anywhere in the arrays when others start, so
// the difference is of a whole wave of those that are resident.
double stream_again(const GpuSpec& gpu, KernelRecipe shorter, std::uint64_t footprint,
                    bool by_new_blocks) {
  const double arrays = arrays_of(shorter);
  shorter.bytes =
      static_cast<std::uint64_t>(static_cast<double>(footprint) / arrays) / kLine * kLine;
  const double readers = shorter.share == trace::Share::whole ? shorter.ctas : 1;
  const double moved_by_pass = arrays * static_cast<double>(shorter.bytes) * readers;
  const auto l2 = static_cast<double>(device::peaks_of(gpu).slice_ports.count());
  double passes = std::max(1.0, std::ceil(l2 * kWindow / 2 / moved_by_pass));
  KernelRecipe first = shorter, longer = shorter;
  if (by_new_blocks) {
    const std::uint64_t wave = ceil_div(resident_ctas(gpu, shorter), shorter.ctas);
    passes = static_cast<double>(wave);
    shorter.rounds = small(wave);
    longer.rounds = 2 * shorter.rounds;
  } else {
    shorter.passes = small(static_cast<std::uint64_t>(passes));
    longer.passes = 2 * shorter.passes;
  }
  const double seconds = last_difference(run_kernels(gpu, {first, shorter, longer}));
  return moved_by_pass * passes / seconds * 1e-9;
}

double run_stream(const GpuSpec& gpu, const Figure& figure) {
  const KernelRecipe recipe = stream_recipe(gpu, figure);
  const auto footprint = figure.parameter("footprint");
  if (footprint && *footprint <= 4 * l2_bytes(gpu)) {
    return stream_again(gpu, recipe, *footprint, figure.parameter("new_blocks", 0) != 0);
  }
  return stream_from_dram(gpu, recipe);
}

// Accesses a second to random places of a table, after so many that the L2 is full of others.
double run_random(const GpuSpec& gpu, const Figure& figure) {
  KernelRecipe shorter = stream_recipe(gpu, figure);
  shorter.bytes = figure.parameter("footprint", std::uint64_t{4} << 30);
  if (shorter.ctas == 0) {
    shorter.ctas = 1;
    shorter.ctas = small(resident_ctas(gpu, shorter));
  }
  const std::uint64_t of_pass =
      std::uint64_t{shorter.ctas} * shorter.warps_per_cta * trace::kWarpLanes * shorter.loads;
  KernelRecipe fill = shorter, longer = shorter;
  fill.passes = small(ceil_div(l2_bytes(gpu) / kLine * 3 / 2, of_pass));
  shorter.passes = 1;
  shorter.seed = 2;
  longer.passes = 4;
  longer.seed = 3;
  const double seconds = last_difference(run_kernels(gpu, {fill, shorter, longer}));
  return static_cast<double>(of_pass * (longer.passes - shorter.passes)) / seconds * 1e-9;
}

double run_shared(const GpuSpec& gpu, const Figure& figure) {
  KernelRecipe shorter = stream_recipe(gpu, figure);
  shorter.stride = figure.parameter("stride", shorter.lane_bytes);
  shorter.ctas = gpu.sms;
  shorter.loads = 8;
  shorter.passes = 16;
  KernelRecipe longer = shorter;
  longer.passes = 64;
  const double bytes = static_cast<double>(shorter.ctas) * shorter.warps_per_cta *
                       static_cast<double>(trace::kWarpLanes) * shorter.lane_bytes * shorter.loads *
                       (longer.passes - shorter.passes);
  return bytes / last_difference(run_kernels(gpu, {shorter, longer})) * 1e-9;
}

// A copy longer than the L2 goes on as it has begun.
double run_host_copy(const GpuSpec& gpu, const Figure& figure) {
  const bool to_host = figure.benchmark == "copy-to-host";
  const std::uint64_t bytes = figure.parameter("bytes", 256 << 20);
  const std::uint64_t most = 2 * l2_bytes(gpu);
  double seconds = seconds_of_copy(gpu, std::min(bytes, most), to_host);
  if (bytes > most) {
    const double of_half = seconds_of_copy(gpu, most / 2, to_host);
    const auto halves = static_cast<double>(bytes - most) / static_cast<double>(most / 2);
    seconds += halves * (seconds - of_half);
  }
  return static_cast<double>(bytes) / seconds * 1e-9;
}

// Microseconds from one launch of the kernel to the next.
double launch_period(const GpuSpec& gpu, const KernelRecipe& recipe) {
  const device::RunResult result = run_kernels(gpu, {recipe, recipe, recipe});
  const Picoseconds period = result.kernels[2].start - result.kernels[1].start;
  return static_cast<double>(period.count()) * 1e-6;
}

double run_launch(const GpuSpec& gpu, const Figure& figure) {
  KernelRecipe recipe;
  recipe.pattern = Pattern::empty;
  recipe.ctas = small(figure.parameter("blocks", 1));
  recipe.warps_per_cta = small(figure.parameter("threads", 32) / trace::kWarpLanes);
  return launch_period(gpu, recipe);
}

// Of kernels that scale the same array of doubles into another again and again; of several sizes of
// their blocks the best where none is given, as the benchmark prints it.
double run_small_kernels(const GpuSpec& gpu, const Figure& figure) {
  constexpr std::array<std::uint64_t, 3> kThreads{128, 256, 512};
  KernelRecipe recipe;
  recipe.pattern = Pattern::scale;
  recipe.lane_bytes = 8;
  recipe.bytes = figure.parameter("footprint", 64 << 10) / 2 / kLine * kLine;
  const auto period = [&](std::uint64_t threads) {
    recipe.warps_per_cta = small(threads / trace::kWarpLanes);
    return launch_period(gpu, recipe);
  };
  if (const auto threads = figure.parameter("threads")) return period(*threads);
  double best = std::numeric_limits<double>::infinity();
  for (const std::uint64_t threads : kThreads) best = std::min(best, period(threads));
  return best;
}

constexpr std::array<std::string_view, 4> kChaseParameters{"footprint", "stride", "blocks",
                                                           "warps"};
constexpr std::array<std::string_view, 2> kCapacityParameters{"from", "to"};
constexpr std::array<std::string_view, 9> kStreamParameters{
    "footprint", "threads", "blocks",          "blocks_per_sm", "lane_bytes",
    "loads",     "stages",  "every_block_all", "new_blocks"};
constexpr std::array<std::string_view, 6> kRandomParameters{"footprint",     "threads",    "blocks",
                                                            "blocks_per_sm", "lane_bytes", "loads"};
constexpr std::array<std::string_view, 3> kSharedParameters{"threads", "lane_bytes", "stride"};
constexpr std::array<std::string_view, 1> kCopyParameters{"bytes"};
constexpr std::array<std::string_view, 2> kLaunchParameters{"blocks", "threads"};
constexpr std::array<std::string_view, 2> kSmallKernelParameters{"footprint", "threads"};

constexpr Benchmark kBenchmarks[] = {
    {"chase", "ns", kChaseParameters, run_chase},
    {"chase", "cycles", kChaseParameters, run_chase_in_cycles},
    {"capacity", "KiB", kCapacityParameters, run_capacity},
    {"read", "GB/s", kStreamParameters, run_stream},
    {"write", "GB/s", kStreamParameters, run_stream},
    {"copy", "GB/s", kStreamParameters, run_stream},
    {"scale", "GB/s", kStreamParameters, run_stream},
    {"add", "GB/s", kStreamParameters, run_stream},
    {"triad", "GB/s", kStreamParameters, run_stream},
    {"vector-triad", "GB/s", kStreamParameters, run_stream},
    {"dot", "GB/s", kStreamParameters, run_stream},
    {"update", "GB/s", kStreamParameters, run_stream},
    {"gather", "G/s", kRandomParameters, run_random},
    {"scatter", "G/s", kRandomParameters, run_random},
    {"random-update", "G/s", kRandomParameters, run_random},
    {"random-atomic", "G/s", kRandomParameters, run_random},
    {"shared-read", "GB/s", kSharedParameters, run_shared},
    {"copy-to-device", "GB/s", kCopyParameters, run_host_copy},
    {"copy-to-host", "GB/s", kCopyParameters, run_host_copy},
    {"empty", "us", kLaunchParameters, run_launch},
    {"small-kernels", "us", kSmallKernelParameters, run_small_kernels},
};

}  // namespace

const Benchmark& benchmark_of(const Figure& figure) {
  const Place place{figure.file, figure.line};
  const auto* const named = std::ranges::find(kBenchmarks, figure.benchmark, &Benchmark::name);
  if (named == std::end(kBenchmarks)) {
    throw UserError(place, "no microbenchmark is called '" + figure.benchmark + "'");
  }
  const auto* const found = std::ranges::find_if(kBenchmarks, [&](const Benchmark& benchmark) {
    return benchmark.name == figure.benchmark && benchmark.unit == figure.unit;
  });
  if (found == std::end(kBenchmarks)) {
    throw UserError(place, figure.benchmark + " is measured in " + std::string(named->unit) +
                               ", not in '" + figure.unit + "'");
  }
  for (const Parameter& parameter : figure.parameters) {
    if (std::ranges::find(found->parameters, parameter.name) != found->parameters.end()) continue;
    throw UserError(place, figure.benchmark + " has no parameter '" + parameter.name + "'");
  }
  if (figure.parameter("new_blocks") && !figure.parameter("blocks")) {
    throw UserError(place, "new_blocks is of as many at a time as blocks says, which is missing");
  }
  return *found;
}

}  // namespace strobe::validate
