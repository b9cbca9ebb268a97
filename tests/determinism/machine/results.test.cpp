// The same program on the same machine gives the same numbers: for any number of threads, any
// grouping of the components into partitions, any compiler, build type and standard library. One
// number stands for all of them.

#include <type_traits>

#include "tests/support/catch.h"
#include "tests/support/mixed_program.h"
#include "tests/support/run_small.h"

using namespace strobe;
using namespace strobe::test;

namespace {

// Everything a run yields but `events`: how many wakes it takes to get there may depend on the
// grouping, because a channel runs ahead of time as far as nothing else happens beside it.
class ResultHash {
 public:
  std::uint64_t value() const { return hash_; }

  void add(const device::RunResult& result) {
    for (const device::CopyResult& copy : result.copies) add_times(copy.start, copy.end);
    for (const device::KernelResult& kernel : result.kernels) add_kernel(kernel);
    add(result.end.since_start().count());
    for (const sm::Counters& counters : result.sms) add_counters(counters, sm::kCounterTable);
    for (const l2::Counters& counters : result.slices) add_counters(counters, l2::kCounterTable);
    for (const dram::Counters& counters : result.channels) {
      add_counters(counters, dram::kCounters);
    }
    add(result.series.interval.count());
    for (const auto* amounts :
         {&result.series.l2_read_sectors, &result.series.l2_read_sector_hits}) {
      for (const std::uint64_t amount : *amounts) add(amount);
    }
    for (const auto* channels :
         {&result.series.channel_read_bytes, &result.series.channel_write_bytes}) {
      for (const auto& amounts : *channels) {
        for (const std::uint64_t amount : amounts) add(amount);
      }
    }
  }

 private:
  template <class Integer>
  void add(Integer value) {
    static_assert(std::is_integral_v<Integer>);
    hash_ = mix64(hash_ ^ (static_cast<std::uint64_t>(value) + 0x9E3779B97F4A7C15ULL));
  }
  void add_times(Instant start, Instant end) {
    add(start.since_start().count());
    add(end.since_start().count());
  }
  template <class Counters, std::size_t N>
  void add_counters(const Counters& counters, const stats::Described<Counters> (&table)[N]) {
    for (const auto& row : table) add(counters.*row.counter);
  }
  void add_kernel(const device::KernelResult& kernel) {
    add_times(kernel.start, kernel.end);
    add_counters(kernel.sm, sm::kCounterTable);
    add_counters(kernel.l2, l2::kCounterTable);
    add_counters(kernel.dram, dram::kCounters);
    for (const Picoseconds time : kernel.stalls.by_state) add(time.count());
    for (const Picoseconds time : kernel.stalls.by_cause) {
      if (time > Picoseconds(0)) add(time.count());
    }
    if (kernel.pages.faults > 0) add_counters(kernel.pages, link::kPagerCounterTable);
    if (kernel.system_cache.read_sectors > 0) {
      add_counters(kernel.system_cache, l2::kSystemCacheTable);
      add_counters(kernel.cpu, cpu::kCounterTable);
    }
    add(kernel.stalls.resident.count());
    add(kernel.load_latency.count());  // bins are how it is shown, not what happened
    add(kernel.load_latency.sum().count());
    add(kernel.load_latency.max().count());
  }

  std::uint64_t hash_ = 0;
};

// Clocks that meet on few edges, tables that fill up, refreshes that come.
device::GpuSpec awkward_gpu() {
  device::GpuSpec gpu = small_gpu(4, 3);
  gpu.memory.part = device::read_dram("hbm2-1754").part;
  gpu.sm.clock = 1380_MHz;
  gpu.crossbar.clock = 1235_MHz;
  gpu.l2.clock = 1107_MHz;
  gpu.sm.lsu_queue = 4;
  gpu.sm.l1.capacity = Bytes(4 << 10);
  gpu.sm.l1.miss_lines = 12;
  gpu.sm.l1.miss_merges = 16;
  gpu.sm.l1.store_lines = 6;
  gpu.l2.capacity = Bytes(8 << 10);
  gpu.l2.miss_lines = 10;
  gpu.l2.miss_merges = 16;
  gpu.l2.write_backs = 3;
  gpu.host.lines_in_flight = 16;
  return gpu;
}

// The same with the DRAM on another die, behind a link that is slower than it.
device::GpuSpec two_die_gpu() {
  device::GpuSpec gpu = awkward_gpu();
  gpu.memory.link = device::MemoryLinkSpec{BytesPerSecond(40'000'000'000), 16, 64};
  return gpu;
}

// The same with a small system-level cache behind the L2 and a CPU that works beside the GPU.
device::GpuSpec shared_memory_gpu() {
  device::GpuSpec gpu = awkward_gpu();
  gpu.memory.system_cache = gpu.l2;
  gpu.memory.system_cache->clock = 877_MHz;
  gpu.memory.cpu = cpu::Spec{BytesPerSecond(3'000'000'000),
                             Bytes(64),
                             60,
                             Bytes(512),
                             Bytes(1 << 20),
                             6,
                             Picoseconds(5'300)};
  return gpu;
}

// The same on four channels, the L2 in two partitions.
device::GpuSpec two_partition_gpu() {
  device::GpuSpec gpu = awkward_gpu();
  gpu.memory.channels = 4;
  gpu.slices = 8;
  gpu.l2.crossing = l2::CrossingSpec{Picoseconds(21'700), 40};
  return gpu;
}

// The same with two levels of translation that both end within what the program touches.
device::GpuSpec translating_gpu() {
  device::GpuSpec gpu = awkward_gpu();
  gpu.sm.tlb =
      sm::TlbSpec{Bytes(16 << 10), 4, Cycles(7), sm::SecondTlbSpec{Bytes(64 << 10), 3, 400_ns}};
  return gpu;
}

// The same with all memory on the host at first, and room for one region of it.
device::GpuSpec managed_gpu() {
  device::GpuSpec gpu = translating_gpu();
  gpu.memory.capacity = wire::kRegionBytes;
  gpu.host.managed = device::ManagedMemorySpec{true, {2_us, 5, 51}};
  return gpu;
}

void check_hash(const device::GpuSpec& gpu, std::uint64_t stored) {
  for (const int threads : {1, 2, 3, 8}) {
    for (const device::Grouping& grouping : {device::Grouping{1, 1}, device::Grouping{2, 1},
                                             device::Grouping{3, 2}, device::Grouping{4, 3}}) {
      CAPTURE(threads, grouping.sms_per_partition, grouping.channels_per_partition);
      HandMadeProgram program = MixedProgram(7).make(2, 12, 40);
      ResultHash hash;
      hash.add(run_on(gpu, program, {threads, false, grouping}));
      CHECK(hash.value() == stored);
    }
  }
}

// They change when the model does. A change that should not have moved any number and moves them is
// a mistake.
constexpr std::uint64_t kStoredHash = 0x5ce1757f5797abad;
constexpr std::uint64_t kStoredHashOfTwoDies = 0x7f6c4f1fbe14df88;
constexpr std::uint64_t kStoredHashOfSharedMemory = 0x95004b4b08ce9989;
constexpr std::uint64_t kStoredHashOfTwoPartitions = 0x371bc55b95b3b7fe;
constexpr std::uint64_t kStoredHashOfTranslation = 0x97c5ee05de230404;
constexpr std::uint64_t kStoredHashOfManagedMemory = 0xc694a66ae3ed6689;

// Watts end later than bytes do, and all series of a run are as long as the longest.
void cut_to(std::size_t length, device::SeriesResult& series) {
  const auto cut = [length](std::vector<std::uint64_t>& amounts) {
    for (std::size_t i = length; i < amounts.size(); ++i) CHECK(amounts[i] == 0);
    amounts.resize(length);
  };
  cut(series.l2_read_sectors);
  cut(series.l2_read_sector_hits);
  for (auto* channels : {&series.channel_read_bytes, &series.channel_write_bytes}) {
    for (auto& amounts : *channels) cut(amounts);
  }
}

}  // namespace

TEST_CASE("every number of a run is what it was, whatever the threads and the grouping") {
  check_hash(awkward_gpu(), kStoredHash);
}

TEST_CASE("every number of a run over two dies is what it was, likewise") {
  check_hash(two_die_gpu(), kStoredHashOfTwoDies);
}

TEST_CASE("every number of a run on a memory shared with a CPU is what it was, likewise") {
  check_hash(shared_memory_gpu(), kStoredHashOfSharedMemory);
}

TEST_CASE("every number of a run with the L2 in two partitions is what it was, likewise") {
  check_hash(two_partition_gpu(), kStoredHashOfTwoPartitions);
}

TEST_CASE("every number of a run whose addresses are translated is what it was, likewise") {
  check_hash(translating_gpu(), kStoredHashOfTranslation);
}

TEST_CASE("every number of a run on managed memory is what it was, likewise") {
  check_hash(managed_gpu(), kStoredHashOfManagedMemory);
}

// What is kept over time shows neither, and nothing that was counted without it is different.
TEST_CASE("intervals are the same whatever the threads and the grouping, and change no number") {
  device::MachineOptions options;
  options.over_time = true;
  HandMadeProgram plain_program = MixedProgram(7).make(2, 12, 40);
  const std::size_t length = run_on(awkward_gpu(), plain_program, {}).series.l2_read_sectors.size();
  HandMadeProgram first_program = MixedProgram(7).make(2, 12, 40);
  const device::SeriesResult first = run_on(awkward_gpu(), first_program, options).series;
  REQUIRE(first.stalls.size() > 2);
  for (const int threads : {1, 3}) {
    for (const device::Grouping& grouping : {device::Grouping{1, 1}, device::Grouping{3, 2}}) {
      options.threads = threads;
      options.grouping = grouping;
      HandMadeProgram program = MixedProgram(7).make(2, 12, 40);
      device::RunResult result = run_on(awkward_gpu(), program, options);
      cut_to(length, result.series);
      ResultHash hash;
      hash.add(result);
      CHECK(hash.value() == kStoredHash);
      CHECK(result.series.channel_request_ps == first.channel_request_ps);
      CHECK(result.series.row_hits == first.row_hits);
      CHECK(result.series.l1_load_sector_hits == first.l1_load_sector_hits);
      REQUIRE(result.series.stalls.size() == first.stalls.size());
      for (std::size_t i = 0; i < first.stalls.size(); ++i) {
        CHECK(result.series.stalls[i].by_state == first.stalls[i].by_state);
        CHECK(result.series.stalls[i].by_cause == first.stalls[i].by_cause);
      }
    }
  }
}

TEST_CASE("a machine that has run a program before runs the next one as it would have anyway") {
  const auto end_of = [](std::uint32_t runs) {
    device::Machine machine(small_gpu(2));
    device::NoProgress nobody_watches;
    Instant end;
    for (std::uint32_t i = 0; i < runs; ++i) {
      HandMadeProgram program = MixedProgram(3).make(1, 4, 20);
      end = machine.run(program, nobody_watches).end;
    }
    return end;
  };
  HandMadeProgram both = MixedProgram(3).make(1, 4, 20);
  HandMadeProgram again = MixedProgram(3).make(1, 4, 20);
  both.copy(again.steps()[0].address, again.steps()[0].bytes);
  both.add(again.kernel(1));
  CHECK(end_of(2) == run_on(small_gpu(2), both).end);
}
