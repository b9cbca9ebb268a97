#include <fmt/format.h>
#include <unistd.h>

#include "sim/app/command.h"
#include "sim/app/options.h"
#include "sim/device/catalogue.h"
#include "sim/device/read_gpu.h"
#include "sim/report/show.h"

namespace strobe::app {

int gpus_command(const Words& words) {
  const Options options(
      {"strobe gpus", "Lists the GPUs and memory parts that can be run on.", {}, {}}, words);
  if (options.helped()) return 0;
  std::vector<device::GpuSpec> gpus;
  for (const std::string& name : device::list_gpus()) gpus.push_back(device::read_gpu(name));
  fmt::print("{}", report::list_gpus(gpus, report::style_of(STDOUT_FILENO)));
  fmt::print("\nMemory parts:");
  for (const std::string& name : device::list_parts()) fmt::print(" {}", name);
  fmt::print("\n");
  return 0;
}

int show_command(const Words& words) {
  const Options options({"strobe show GPU",
                         "Shows a GPU: what it could reach at most, and every number it is modelled"
                         " with,\nwith where that number comes from.",
                         {"GPU"},
                         {}},
                        words);
  if (options.helped()) return 0;
  const device::GpuSpec gpu = device::read_gpu(options.word(0));
  fmt::print("{}", report::show_gpu(gpu, report::limits_of(gpu), report::style_of(STDOUT_FILENO)));
  return 0;
}

}  // namespace strobe::app
