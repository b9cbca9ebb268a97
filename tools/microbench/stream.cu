// Streams: bandwidth at full occupancy, against the number of blocks and against the threads that
// are resident, and from the L2.

#include "common.h"

namespace microbench {

namespace {

// The arrays a, b, c, d of a stream kernel, of `count` doubles each.
struct Arrays {
  double *a, *b, *c, *d;
  std::size_t count;
};

// What is done with one element. Each of them moves `kArrays` doubles.
struct Write {
  static constexpr const char* kName = "write";
  static constexpr int kArrays = 1;
  __device__ static void at(const Arrays& arrays, std::size_t i, double&) { arrays.a[i] = 0.23; }
};
struct Read {
  static constexpr const char* kName = "read";
  static constexpr int kArrays = 1;
  __device__ static void at(const Arrays& arrays, std::size_t i, double& sum) {
    sum += arrays.b[i];
  }
};
struct Scale {
  static constexpr const char* kName = "scale";
  static constexpr int kArrays = 2;
  __device__ static void at(const Arrays& arrays, std::size_t i, double&) {
    arrays.a[i] = 1.2 * arrays.b[i];
  }
};
struct Triad {
  static constexpr const char* kName = "triad";
  static constexpr int kArrays = 3;
  __device__ static void at(const Arrays& arrays, std::size_t i, double&) {
    arrays.a[i] = arrays.b[i] + 1.2 * arrays.c[i];
  }
};
struct VectorTriad {
  static constexpr const char* kName = "vector-triad";
  static constexpr int kArrays = 4;
  __device__ static void at(const Arrays& arrays, std::size_t i, double&) {
    arrays.a[i] = arrays.b[i] + arrays.c[i] * arrays.d[i];
  }
};

// A sum that nobody looks at would be left out by the compiler; this comparison never holds.
__device__ void keep(const Arrays& arrays, std::size_t i, double sum) {
  if (sum == 123.456) arrays.a[i] = sum;
}

template <class Kernel>
__global__ void one_element(Arrays arrays) {
  const std::size_t i = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x;
  double sum = 0;
  if (i < arrays.count) Kernel::at(arrays, i, sum);
  keep(arrays, i, sum);
}

template <class Kernel>
__global__ void grid_stride(Arrays arrays) {
  const std::size_t first = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x;
  const std::size_t stride = std::size_t{gridDim.x} * blockDim.x;
  double sum = 0;
#pragma unroll 1
  for (std::size_t i = first; i < arrays.count; i += stride) Kernel::at(arrays, i, sum);
  keep(arrays, first, sum);
}

// Each block goes through a piece of the data, which is gone through again and again.
__global__ void read_again(Arrays arrays, int pieces) {
  constexpr int kElements = 16;  // of a thread, all under way at once
  const std::size_t piece = blockIdx.x % static_cast<unsigned>(pieces);
  const double* const from = arrays.b + piece * kElements * blockDim.x + threadIdx.x;
  double sum = 0;
#pragma unroll
  for (int i = 0; i < kElements; ++i) sum += from[i * blockDim.x];
  keep(arrays, threadIdx.x, sum);
}

double gigabytes(double bytes, double seconds) {
  return bytes / seconds * 1e-9;
}

template <class Kernel>
double bytes_of(const Arrays& arrays) {
  return static_cast<double>(arrays.count) * sizeof(double) * Kernel::kArrays;
}

template <class Kernel>
void measure_full(const Gpu& gpu, const Arrays& arrays, const char* suite) {
  constexpr int kThreads = 1024;
  const auto blocks = static_cast<unsigned>((arrays.count + kThreads - 1) / kThreads);
  const double seconds = seconds_of([&] { one_element<Kernel><<<blocks, kThreads>>>(arrays); });
  print(gpu, {suite, Kernel::kName, "threads=1024", gigabytes(bytes_of<Kernel>(arrays), seconds),
              "GB/s", "doubles, one element a thread"});
}

template <class Kernel>
void measure_blocks(const Gpu& gpu, const Arrays& arrays) {
  std::vector<int> counts;
  for (int blocks = 1; blocks < gpu.sms; blocks *= 2) counts.push_back(blocks);
  const int full = gpu.sms * (gpu.most_threads_of_sm / 1024);
  for (const int blocks : {gpu.sms, full, full + 1, 2 * full}) counts.push_back(blocks);
  for (const int blocks : counts) {
    const double seconds =
        seconds_of([&] { grid_stride<Kernel><<<blocks, 1024>>>(arrays); }, 5);
    print(gpu, {"concurrency", Kernel::kName, "blocks=" + std::to_string(blocks) + " threads=1024",
                gigabytes(bytes_of<Kernel>(arrays), seconds), "GB/s",
                "doubles, grid-stride loop"});
  }
}

// Two blocks an SM: shared memory leaves no room for a third.
template <class Kernel>
void measure_threads(const Gpu& gpu, const Arrays& arrays) {
  const std::size_t shared =
      std::min(gpu.shared_bytes_of_sm / 2 - 1024, gpu.shared_bytes_of_block);
  check(cudaFuncSetAttribute(one_element<Kernel>, cudaFuncAttributeMaxDynamicSharedMemorySize,
                             static_cast<int>(shared)),
        "cudaFuncSetAttribute");
  for (const int threads : {32, 64, 128, 256, 512, gpu.most_threads_of_sm / 2}) {
    int resident = 0;
    check(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&resident, one_element<Kernel>, threads,
                                                        shared),
          "occupancy");
    const auto blocks =
        static_cast<unsigned>((arrays.count + static_cast<unsigned>(threads) - 1) / threads);
    const double seconds =
        seconds_of([&] { one_element<Kernel><<<blocks, threads, shared>>>(arrays); }, 5);
    print(gpu, {"concurrency", Kernel::kName,
                "threads=" + std::to_string(threads) +
                    " blocks_per_sm=" + std::to_string(resident),
                gigabytes(bytes_of<Kernel>(arrays), seconds), "GB/s",
                "doubles, one element a thread"});
  }
}

void measure_l2(const Gpu& gpu, const Arrays& arrays) {
  constexpr std::size_t kPiece = 16 * 1024 * sizeof(double);
  for (const std::size_t share : {8, 4, 2}) {
    const auto pieces = static_cast<int>(gpu.l2_bytes / share / kPiece);
    if (pieces < gpu.sms / 2) continue;  // the L1s would hold part of it
    const int blocks = std::max(20'000, 20 * pieces);
    const double seconds = seconds_of([&] { read_again<<<blocks, 1024>>>(arrays, pieces); }, 5);
    const double bytes = static_cast<double>(blocks) * kPiece;
    print(gpu, {"l2", "read",
                "footprint=" + std::to_string(static_cast<std::size_t>(pieces) * kPiece) +
                    " loads=16",
                gigabytes(bytes, seconds), "GB/s", "128 KiB a block, again and again"});
  }
}

}  // namespace

void measure_streams(const Gpu& gpu) {
  const std::size_t bytes =
      std::min<std::size_t>(std::size_t{1} << 30, gpu.memory_bytes / 8) / 4096 * 4096;
  const DeviceArray a(bytes), b(bytes), c(bytes), d(bytes);
  const Arrays arrays{a.as<double>(), b.as<double>(), c.as<double>(), d.as<double>(),
                      bytes / sizeof(double)};
  measure_full<Scale>(gpu, arrays, "bandwidth");
  measure_full<Triad>(gpu, arrays, "bandwidth");
  measure_full<Read>(gpu, arrays, "mix");
  measure_full<Write>(gpu, arrays, "mix");
  measure_full<VectorTriad>(gpu, arrays, "mix");
  measure_blocks<Read>(gpu, arrays);
  measure_blocks<Write>(gpu, arrays);
  measure_blocks<Scale>(gpu, arrays);
  measure_threads<Read>(gpu, arrays);
  measure_threads<Write>(gpu, arrays);
  measure_threads<Scale>(gpu, arrays);
  measure_l2(gpu, arrays);
}

}  // namespace microbench
