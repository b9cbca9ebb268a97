#include <fmt/format.h>
#include <unistd.h>

#include "sim/app/command.h"
#include "sim/app/options.h"
#include "sim/device/catalogue.h"
#include "sim/device/overrides.h"
#include "sim/device/read_dram.h"
#include "sim/device/read_gpu.h"
#include "sim/report/json_results.h"
#include "sim/report/show.h"
#include "sim/run/target.h"

namespace strobe::app {

namespace {

void print_json(const std::vector<device::GpuSpec>& gpus) {
  std::vector<std::string> all, parts;
  for (const device::GpuSpec& gpu : gpus) {
    all.push_back(report::gpu_json(gpu, report::limits_of(gpu)).text());
  }
  for (const std::string& name : device::list_parts()) parts.push_back(report::json_text(name));
  report::JsonObject both;
  both.add_json("gpus", report::json_list(all)).add_json("parts", report::json_list(parts));
  fmt::print("{}\n", both.text());
}

void print_shown(report::JsonObject shown, std::span<const device::Sourced> sources) {
  shown.add_json("config", report::config_json(sources));
  fmt::print("{}\n", shown.text());
}

void show_gpu(const Options& options, std::string_view settings) {
  const device::GpuSpec gpu = device::read_gpu(options.word(0), device::overrides_of_gpu(settings));
  const report::Limits limits = report::limits_of(gpu);
  if (options.has("json")) return print_shown(report::gpu_json(gpu, limits), gpu.sources);
  fmt::print("{}", report::show_gpu(gpu, limits, report::style_of(STDOUT_FILENO)));
}

void show_part(const Options& options, std::string_view settings) {
  const device::TomlNode overrides = device::overrides_of_part(settings);
  const device::SourcedPart part =
      device::read_dram(options.word(0), {nullptr, nullptr, &overrides});
  if (options.has("json")) return print_shown(report::part_json(part.part), part.sources);
  fmt::print("{}", report::show_part(part, report::style_of(STDOUT_FILENO)));
}

}  // namespace

int gpus_command(const Words& words) {
  const Options options(
      {"strobe gpus", "Lists the GPUs and memory parts that can be run on.", {}, {kJsonOption}},
      words);
  if (options.helped()) return 0;
  std::vector<device::GpuSpec> gpus;
  for (const std::string& name : device::list_gpus()) gpus.push_back(device::read_gpu(name));
  if (options.has("json")) {
    print_json(gpus);
    return 0;
  }
  fmt::print("{}", report::list_gpus(gpus, report::style_of(STDOUT_FILENO)));
  fmt::print("\nMemory parts:");
  for (const std::string& name : device::list_parts()) fmt::print(" {}", name);
  fmt::print("\n");
  return 0;
}

int show_command(const Words& words) {
  const Options options({"strobe show TARGET [options]",
                         "Shows a GPU or a memory part: what it could reach at most, and every "
                         "number it is modelled\nwith, with where that number comes from.",
                         {"TARGET"},
                         {kJsonOption, {"set", "KEY=VALUE", "as for strobe run"}}},
                        words);
  if (options.helped()) return 0;
  const std::string settings = options.text("set").value_or("");
  if (run::target_named(options.word(0)) == run::Target::memory_part) {
    show_part(options, settings);
  } else {
    show_gpu(options, settings);
  }
  return 0;
}

}  // namespace strobe::app
