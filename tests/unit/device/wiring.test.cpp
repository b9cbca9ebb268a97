#include "sim/device/wiring.h"

#include "sim/device/read_gpu.h"
#include "tests/support/catch.h"

using namespace strobe;
using namespace strobe::device;

TEST_CASE("reads from DRAM are bounded by the pins", "[device]") {
  const FlowBound bound = max_flow_bound(read_gpu("v100-pcie-32gb"), Route::dram_to_sms);
  CHECK(bound.bandwidth == BytesPerSecond(898'048'000'000));  // 4096 bit x 1.754 Gb/s
  CHECK(bound.cut == "64 x DRAM pins");
}

TEST_CASE("the cut moves to whatever is narrowest", "[device]") {
  GpuSpec gpu = read_gpu("v100-pcie-32gb");
  gpu.sms = 1;
  // 128 B and their header take two cycles of the reply port: 64 B a cycle.
  FlowBound bound = max_flow_bound(gpu, Route::dram_to_sms);
  CHECK(bound.bandwidth == BytesPerSecond(1'380'000'000LL * 64));
  CHECK(bound.cut == "1 x SM reply ports");

  gpu.sms = 80;
  gpu.crossbar.slice_reply_bytes_per_cycle = 8;  // 4 sectors and a header: 17 cycles
  bound = max_flow_bound(gpu, Route::l2_to_sms);
  CHECK(bound.bandwidth == BytesPerSecond(1'380'000'000LL * 128 / 17 * 64));
  CHECK(bound.cut == "64 x slice reply ports");
}

TEST_CASE("a port is worth what it passes of the packets that suit it most", "[device]") {
  GpuSpec gpu = read_gpu("v100-pcie-32gb");
  // Three sectors and their header fill a cycle, four need a second one.
  gpu.crossbar.slice_reply_bytes_per_cycle = 104;
  CHECK(peaks_of(gpu).slice_ports == BytesPerSecond(1'380'000'000LL * 96 * 64));
}

TEST_CASE("hits in the L2 are bounded by its data arrays", "[device]") {
  const FlowBound bound = max_flow_bound(read_gpu("a40"), Route::l2_to_sms);
  CHECK(bound.bandwidth == BytesPerSecond(1'740'000'000LL * 32 * 48));
  CHECK(bound.cut == "48 x L2 data arrays");
}

TEST_CASE("copies are bounded by the host link, or by DRAM where memory is unified", "[device]") {
  CHECK(max_flow_bound(read_gpu("rtx-a6000"), Route::host_to_dram).cut == "1 x host link");
  const FlowBound unified = max_flow_bound(read_gpu("gb10"), Route::host_to_dram);
  CHECK(unified.cut == "16 x shares of the link between the dies");
  CHECK(unified.bandwidth == BytesPerSecond(240'000'000'000));  // 32 of every 40 B of 300 GB/s
}

TEST_CASE("without a link between the dies GB10's memory is bounded by its pins", "[device]") {
  GpuSpec gpu = read_gpu("gb10");
  gpu.memory.link.reset();
  const FlowBound bound = max_flow_bound(gpu, Route::dram_to_sms);
  CHECK(bound.bandwidth == BytesPerSecond(273'056'000'000));
  CHECK(bound.cut == "16 x DRAM pins");
}

TEST_CASE("the derived peaks are those of the datasheets", "[device]") {
  const Peaks v100 = peaks_of(read_gpu("v100-pcie-32gb"));
  CHECK(v100.dram == BytesPerSecond(898'048'000'000));
  CHECK(v100.l2 == BytesPerSecond(2'543'616'000'000));
  CHECK(v100.l1 == BytesPerSecond(14'131'200'000'000));
  CHECK(peaks_of(read_gpu("rtx-a6000")).dram == BytesPerSecond(768'000'000'000));
  CHECK(peaks_of(read_gpu("a40")).dram == BytesPerSecond(696'000'000'000));
}
