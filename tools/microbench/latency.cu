// Pointer chases: one thread follows a random cycle through all 128-byte lines of an array. Gives
// the plateaus of the hierarchy and where they end.

#include <cmath>
#include <numeric>
#include <random>

#include "common.h"

namespace microbench {

namespace {

constexpr std::size_t kLine = 128;

__global__ void follow(void** start, std::size_t loads, void*** end) {
  void** place = start;
#pragma unroll 16
  for (std::size_t i = 0; i < loads; ++i) place = static_cast<void**>(*place);
  *end = place;
}

// Makes one cycle through all lines, in a random order.
void make_cycle(char* array, std::size_t footprint) {
  const std::size_t lines = footprint / kLine;
  std::vector<std::uint32_t> order(lines);
  std::iota(order.begin(), order.end(), 0);
  std::shuffle(order.begin(), order.end(), std::mt19937_64(1));
  std::vector<char*> image(footprint / sizeof(char*));
  for (std::size_t i = 0; i < lines; ++i) {
    image[order[i] * (kLine / sizeof(char*))] = array + order[(i + 1) % lines] * kLine;
  }
  check(cudaMemcpy(array, image.data(), footprint, cudaMemcpyHostToDevice), "cudaMemcpy");
}

// The long run goes through the cycle more often than the short one, so that what the launch and
// the first, cold pass take cancels.
double nanoseconds_of_load(std::size_t footprint) {
  footprint = footprint / kLine * kLine;
  const DeviceArray array(footprint), end(sizeof(void*));
  make_cycle(array.as<char>(), footprint);
  const std::size_t lines = footprint / kLine;
  const std::size_t pass = std::max<std::size_t>(lines, 16384);
  const auto seconds = [&](std::size_t loads) {
    return seconds_of(
        [&] { follow<<<1, 1>>>(array.as<void*>(), loads, end.as<void**>()); }, 5);
  };
  return (seconds(2 * pass) - seconds(pass)) / static_cast<double>(pass) * 1e9;
}

std::string in_bytes(const char* name, std::size_t bytes) {
  return std::string(name) + "=" + std::to_string(bytes / kLine * kLine);
}

void measure_plateau(const Gpu& gpu, std::size_t footprint, const char* what) {
  print(gpu, {"latency", "chase", in_bytes("footprint", footprint), nanoseconds_of_load(footprint),
              "ns", std::string(what) + "; one thread follows a random cycle of 128 B lines"});
}

void measure_end(const Gpu& gpu, std::size_t from, std::size_t to, const char* what) {
  const double half = (nanoseconds_of_load(from) + nanoseconds_of_load(to)) / 2;
  auto low = static_cast<double>(from), high = static_cast<double>(to);
  while (high / low > 1.03) {
    const double middle = std::sqrt(low * high);
    (nanoseconds_of_load(static_cast<std::size_t>(middle)) < half ? low : high) = middle;
  }
  print(gpu, {"capacity", "capacity", in_bytes("from", from) + " " + in_bytes("to", to),
              std::sqrt(low * high) / 1024, "KiB",
              std::string("end of the ") + what + ": latency half way between both footprints"});
}

}  // namespace

void measure_latency(const Gpu& gpu) {
  constexpr std::size_t kKib = 1024;
  const std::size_t in_l1 = 8 * kKib, in_l2 = gpu.l2_bytes / 8, beyond = 8 * gpu.l2_bytes;
  measure_plateau(gpu, in_l1, "L1");
  measure_plateau(gpu, 2 * in_l1, "L1");
  measure_plateau(gpu, in_l2, "L2");
  measure_plateau(gpu, gpu.l2_bytes / 3, "L2");
  measure_plateau(gpu, gpu.l2_bytes * 3 / 4, "L2, of both partitions where there are two");
  measure_plateau(gpu, beyond, "DRAM");
  measure_plateau(gpu, std::max<std::size_t>(beyond, 1024 * kKib * kKib), "DRAM");
  measure_end(gpu, in_l1, in_l2, "L1");
  measure_end(gpu, in_l2, beyond, "L2");
}

}  // namespace microbench
