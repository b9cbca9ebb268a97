// Copies between pinned host memory and the device, by size, and what a launch costs.

#include "common.h"

namespace microbench {

namespace {

__global__ void nothing() {}

void measure_copies(const Gpu& gpu, void* host, const DeviceArray& device, std::size_t most) {
  for (std::size_t bytes = 64 << 10; bytes <= most; bytes *= 4) {
    const std::string parameters = "bytes=" + std::to_string(bytes);
    const double down = seconds_of([&] {
      check(cudaMemcpyAsync(device.as<char>(), host, bytes, cudaMemcpyHostToDevice), "a copy");
    });
    print(gpu, {"host", "copy-to-device", parameters, static_cast<double>(bytes) / down * 1e-9,
                "GB/s", "pinned memory"});
    const double up = seconds_of([&] {
      check(cudaMemcpyAsync(host, device.as<char>(), bytes, cudaMemcpyDeviceToHost), "a copy");
    });
    print(gpu, {"host", "copy-to-host", parameters, static_cast<double>(bytes) / up * 1e-9, "GB/s",
                "pinned memory"});
  }
}

}  // namespace

void measure_host(const Gpu& gpu) {
  constexpr std::size_t kMost = 256 << 20;
  void* host = nullptr;
  check(cudaMallocHost(&host, kMost), "cudaMallocHost");
  measure_copies(gpu, host, DeviceArray(kMost), kMost);
  check(cudaFreeHost(host), "cudaFreeHost");

  constexpr int kFew = 100, kMany = 1100;
  const auto seconds = [](int launches) {
    return seconds_of([launches] {
      for (int i = 0; i < launches; ++i) nothing<<<1, 32>>>();
    });
  };
  print(gpu, {"launch", "empty", "blocks=1 threads=32",
              (seconds(kMany) - seconds(kFew)) / (kMany - kFew) * 1e6, "us",
              "launches back to back"});
}

}  // namespace microbench
