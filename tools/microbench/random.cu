// Accesses to random places of a table much larger than any cache, in words of eight bytes.

#include "common.h"

namespace microbench {

namespace {

constexpr int kAccesses = 64, kTogether = 4;

// A hash whose values look random, so that places need no table of their own.
__device__ std::size_t place_of(std::uint64_t number, std::size_t words) {
  number ^= number >> 33;
  number *= 0xFF51AFD7ED558CCDull;
  number ^= number >> 33;
  number *= 0xC4CEB9FE1A85EC53ull;
  number ^= number >> 33;
  return number % words;
}

struct Gather {
  static constexpr const char* kName = "gather";
  __device__ static void at(unsigned long long* place, unsigned long long& sum) { sum += *place; }
};
struct Scatter {
  static constexpr const char* kName = "scatter";
  __device__ static void at(unsigned long long* place, unsigned long long& sum) { *place = sum; }
};
struct Update {
  static constexpr const char* kName = "random-update";
  __device__ static void at(unsigned long long* place, unsigned long long& sum) { *place ^= sum; }
};
struct Atomic {
  static constexpr const char* kName = "random-atomic";
  __device__ static void at(unsigned long long* place, unsigned long long&) {
    atomicAdd(place, 1ull);
  }
};

template <class Kernel>
__global__ void go_anywhere(unsigned long long* table, std::size_t words, unsigned long long seed) {
  const unsigned long long thread = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x;
  unsigned long long sum = thread;
  for (int i = 0; i < kAccesses; i += kTogether) {
#pragma unroll
    for (int j = 0; j < kTogether; ++j) {
      Kernel::at(table + place_of((seed + thread) * kAccesses + i + j, words), sum);
    }
  }
  if (sum == 123456789) table[thread % words] = sum;
}

template <class Kernel>
void measure_kernel(const Gpu& gpu, unsigned long long* table, std::size_t bytes) {
  const int blocks = gpu.sms * (gpu.most_threads_of_sm / 1024);
  const std::size_t words = bytes / sizeof(*table);
  const double seconds =
      seconds_of([&] { go_anywhere<Kernel><<<blocks, 1024>>>(table, words, 1); }, 5);
  const double accesses = static_cast<double>(blocks) * 1024 * kAccesses;
  print(gpu, {"random", Kernel::kName,
              "footprint=" + std::to_string(bytes) + " lane_bytes=8 loads=4",
              accesses / seconds * 1e-9, "G/s", "words of 8 B, four at once a thread"});
}

}  // namespace

void measure_random(const Gpu& gpu) {
  const std::size_t bytes = std::min<std::size_t>(std::size_t{4} << 30, gpu.memory_bytes / 2);
  const DeviceArray table(bytes);
  measure_kernel<Gather>(gpu, table.as<unsigned long long>(), bytes);
  measure_kernel<Scatter>(gpu, table.as<unsigned long long>(), bytes);
  measure_kernel<Update>(gpu, table.as<unsigned long long>(), bytes);
  measure_kernel<Atomic>(gpu, table.as<unsigned long long>(), bytes);
}

}  // namespace microbench
