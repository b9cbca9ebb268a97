#pragma once

// What the measurements share: errors end the program, times come from events on the device, and
// every figure leaves as a row of the table that `strobe validate --measured` reads.

#include <cuda_runtime.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace microbench {

inline void check(cudaError_t status, const char* what) {
  if (status == cudaSuccess) return;
  std::fprintf(stderr, "microbench: %s: %s\n", what, cudaGetErrorString(status));
  std::exit(1);
}

struct Gpu {
  std::string name;  // of the config it is to be compared with
  int sms = 0, clock_mhz = 0;
  std::size_t l2_bytes = 0, memory_bytes = 0, shared_bytes_of_sm = 0, shared_bytes_of_block = 0;
  int most_threads_of_sm = 0;
  std::string title, driver;
};

// One figure. `parameters` is a list of name=number, `method` says how it came about.
struct Figure {
  const char* suite;
  const char* benchmark;
  std::string parameters;
  double value;
  const char* unit;
  std::string method;
};

inline void print_columns() {
  std::printf("gpu,suite,benchmark,parameters,value,unit,clock,deviates,source,method\n");
}

inline void print(const Gpu& gpu, const Figure& figure) {
  std::printf("%s,%s,%s,%s,%.6g,%s,%d,no,\"%s, driver %s\",\"%s\"\n", gpu.name.c_str(),
              figure.suite, figure.benchmark, figure.parameters.c_str(), figure.value, figure.unit,
              gpu.clock_mhz, gpu.title.c_str(), gpu.driver.c_str(), figure.method.c_str());
  std::fflush(stdout);
}

// An array on the device that goes when its owner does.
class DeviceArray {
 public:
  explicit DeviceArray(std::size_t bytes) {
    check(cudaMalloc(&data_, bytes), "cudaMalloc");
    check(cudaMemset(data_, 0, bytes), "cudaMemset");
  }
  DeviceArray(const DeviceArray&) = delete;
  DeviceArray& operator=(const DeviceArray&) = delete;
  ~DeviceArray() { cudaFree(data_); }

  template <class Element>
  Element* as() const {
    return static_cast<Element*>(data_);
  }

 private:
  void* data_ = nullptr;
};

// Seconds that `work` takes on the device: the median of several runs after one that is not
// counted. `work` only launches.
template <class Work>
double seconds_of(const Work& work, int runs = 9) {
  cudaEvent_t start, end;
  check(cudaEventCreate(&start), "cudaEventCreate");
  check(cudaEventCreate(&end), "cudaEventCreate");
  std::vector<double> times;
  for (int run = -1; run < runs; ++run) {
    check(cudaEventRecord(start), "cudaEventRecord");
    work();
    check(cudaEventRecord(end), "cudaEventRecord");
    check(cudaEventSynchronize(end), "a kernel");
    float milliseconds = 0;
    check(cudaEventElapsedTime(&milliseconds, start, end), "cudaEventElapsedTime");
    if (run >= 0) times.push_back(milliseconds * 1e-3);
  }
  check(cudaEventDestroy(start), "cudaEventDestroy");
  check(cudaEventDestroy(end), "cudaEventDestroy");
  std::nth_element(times.begin(), times.begin() + runs / 2, times.end());
  return times[static_cast<std::size_t>(runs / 2)];
}

void measure_latency(const Gpu& gpu);
void measure_streams(const Gpu& gpu);
void measure_random(const Gpu& gpu);
void measure_host(const Gpu& gpu);

}  // namespace microbench
