// Measures the memory hierarchy of the GPU at hand and prints a table that `strobe validate CONFIG
// --measured FILE` compares with a model (docs/CALIBRATE.md).

#include <cstring>

#include "common.h"

namespace {

using microbench::check;
using microbench::Gpu;

Gpu gpu_at_hand(const char* name) {
  int device = 0, driver = 0, clock_khz = 0;
  cudaDeviceProp properties;
  check(cudaGetDevice(&device), "cudaGetDevice");
  check(cudaGetDeviceProperties(&properties, device), "cudaGetDeviceProperties");
  check(cudaDriverGetVersion(&driver), "cudaDriverGetVersion");
  check(cudaDeviceGetAttribute(&clock_khz, cudaDevAttrClockRate, device), "the clock");
  Gpu gpu;
  gpu.name = name;
  gpu.sms = properties.multiProcessorCount;
  gpu.clock_mhz = clock_khz / 1000;
  gpu.l2_bytes = static_cast<std::size_t>(properties.l2CacheSize);
  gpu.memory_bytes = properties.totalGlobalMem;
  gpu.shared_bytes_of_sm = properties.sharedMemPerMultiprocessor;
  gpu.shared_bytes_of_block = properties.sharedMemPerBlockOptin;
  gpu.most_threads_of_sm = properties.maxThreadsPerMultiProcessor;
  gpu.title = properties.name;
  gpu.driver = std::to_string(driver / 1000) + "." + std::to_string(driver % 1000 / 10);
  return gpu;
}

struct Part {
  const char* name;
  void (*measure)(const Gpu& gpu);
};

constexpr Part kParts[] = {{"latency", microbench::measure_latency},
                           {"streams", microbench::measure_streams},
                           {"random", microbench::measure_random},
                           {"host", microbench::measure_host}};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argv[1][0] == '-') {
    std::fprintf(stderr,
                 "usage: microbench CONFIG [latency] [streams] [random] [host] > FILE.csv\n"
                 "Lock the clocks first: nvidia-smi --lock-gpu-clocks=MHZ\n");
    return 2;
  }
  const Gpu gpu = gpu_at_hand(argv[1]);
  microbench::print_columns();
  for (const Part& part : kParts) {
    bool wanted = argc == 2;
    for (int i = 2; i < argc; ++i) wanted = wanted || std::strcmp(argv[i], part.name) == 0;
    if (wanted) part.measure(gpu);
  }
  return 0;
}
