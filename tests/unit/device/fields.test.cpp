// Every key must land in the field of its name. Files have equal numbers in neighbouring keys, so
// those are made different first: then no two keys can change places unseen.

#include "sim/device/catalogue.h"
#include "sim/device/read_dram.h"
#include "sim/device/read_gpu.h"
#include "tests/support/catch.h"
#include "tests/support/edited_file.h"

using namespace strobe;
using namespace strobe::device;
using strobe::test::replaced;
using strobe::test::TemporaryFile;
using strobe::test::text_of;

namespace {

GpuSpec edited_v100() {
  std::string text = text_of(find_gpu("v100-pcie-32gb"));
  const char* edits[][2] = {
      {"lsu_queue = { value = 32", "lsu_queue = { value = 33"},
      {"max_ctas = 32", "max_ctas = 31"},
      {"sm_request_bytes_per_cycle = { value = \"40",
       "sm_request_bytes_per_cycle = { value = \"41"},
      {"slice_request_bytes_per_cycle = \"40", "slice_request_bytes_per_cycle = \"42"},
      {"slice_reply_bytes_per_cycle = \"40", "slice_reply_bytes_per_cycle = \"43"},
      {"reply_latency = { value = \"36.2 ns", "reply_latency = { value = \"36.3 ns"},
      {"1242 MHz\"", "1381 MHz\""},
      {"1380 MHz\", from = \"assumed\", source = \"that of the SMs\"",
       "1382 MHz\", from = \"assumed\", source = \"that of the SMs\""},
  };
  for (const auto& [from, to] : edits) text = replaced(text, from, to);
  const TemporaryFile file("gpu.toml", text);
  return read_gpu(file.path());
}

}  // namespace

TEST_CASE("every key of an SM lands in its field", "[device]") {
  const sm::Spec sm = edited_v100().sm;
  CHECK(sm.clock == 1380_MHz);
  CHECK(sm.sub_partitions == 4);
  CHECK(sm.max_warps == 64);
  CHECK(sm.max_ctas == 31);
  CHECK(sm.registers == 65'536);
  CHECK(sm.register_unit == 256);
  CHECK(sm.shared_max == Bytes(98'304));
  CHECK(sm.shared_unit == Bytes(256));
  CHECK(sm.shared_reserved == Bytes(0));
  CHECK(sm.lsu_queue == 33);
  CHECK(sm.shared_latency == Cycles(23));
  CHECK(sm.shared_bytes_per_cycle == 128);
  CHECK(sm.shared_pair_registers == 2);
  CHECK(sm.constant_latency == Cycles(27));
  CHECK(sm.barrier_latency == Cycles(20));
  CHECK(sm.launch_latency == Cycles(100));
  CHECK(sm.l1.capacity == Bytes(131'072));
  CHECK(sm.l1.unified_with_shared);
  CHECK_FALSE(sm.l1.misses_return_in_order);
  CHECK(read_gpu("a100-sxm4-40gb").sm.l1.misses_return_in_order);
  CHECK(sm.l1.ways == 16);
  CHECK(sm.l1.miss_lines == 256);
  CHECK(sm.l1.miss_merges == 1024);
  CHECK(sm.l1.store_lines == 128);
  CHECK(sm.l1.tags_per_cycle == 4);
  CHECK(sm.l1.bytes_per_cycle == 128);
  CHECK(sm.l1.hit_latency == Cycles(28));
  CHECK(sm.l1.miss_latency == Cycles(24));
  CHECK(sm.l1.fill_latency == Cycles(12));
}

TEST_CASE("every pipe lands in its place, latency before interval", "[device]") {
  const sm::Spec sm = edited_v100().sm;
  const auto pipe = [&](sm::Pipe which) { return sm.pipes[static_cast<std::size_t>(which)]; };
  CHECK(pipe(sm::Pipe::fp16).latency == Cycles(6));
  CHECK(pipe(sm::Pipe::fp16).interval == Cycles(2));
  CHECK(pipe(sm::Pipe::fp64).latency == Cycles(8));
  CHECK(pipe(sm::Pipe::tensor).latency == Cycles(10));
  CHECK(pipe(sm::Pipe::branch).interval == Cycles(4));
}

TEST_CASE("every key of L2, crossbar, host link and dispatch lands in its field", "[device]") {
  const GpuSpec gpu = edited_v100();
  CHECK(gpu.l2.clock == 1381_MHz);
  CHECK(gpu.l2_follows_sms);
  CHECK_FALSE(read_gpu("h100-sxm5-80gb").l2_follows_sms);
  CHECK(gpu.l2.capacity == Bytes(98'304));
  CHECK(gpu.l2.ways == 24);
  CHECK(gpu.l2.miss_lines == 192);
  CHECK(gpu.l2.miss_merges == 768);
  CHECK(gpu.l2.write_backs == 32);
  CHECK(gpu.l2.bytes_per_cycle == 32);
  CHECK(gpu.l2.sector_promotion == Bytes(32));
  CHECK(gpu.l2.hit_latency == Picoseconds(52'200));
  CHECK(gpu.l2.dram_path == 118_ns);
  CHECK(gpu.crossbar.clock == 1382_MHz);
  CHECK(gpu.crossbar.sm_request_bytes_per_cycle == 41);
  CHECK(gpu.crossbar.sm_reply_bytes_per_cycle == 72);
  CHECK(gpu.crossbar.slice_request_bytes_per_cycle == 42);
  CHECK(gpu.crossbar.slice_reply_bytes_per_cycle == 43);
  CHECK(gpu.crossbar.header_bytes == 8);
  CHECK(gpu.crossbar.request_latency == Picoseconds(36'200));
  CHECK(gpu.crossbar.reply_latency == Picoseconds(36'300));
  CHECK(gpu.host.name == "PCIe 3.0 x16");
  CHECK(gpu.host.latency == Picoseconds(29'000'000));
  CHECK(gpu.host.lines_in_flight == 64);
  CHECK(gpu.dispatch.launch_latency == 1522_ns);
  CHECK(gpu.dispatch.cta_interval == Picoseconds(1'200));
  CHECK(gpu.dispatch.cta_latency == 89_ns);
}

TEST_CASE("every key of a part's geometry and controller lands in its field", "[device]") {
  std::string text = text_of(find_part("hbm2-2000"));
  text = replaced(text, "channels = 8", "channels = 9");
  text = replaced(text, "banks_per_group = 4", "banks_per_group = 8");
  text = replaced(text, "write_queue = 64", "write_queue = 65");
  text = replaced(text, "pull_in_limit = 8", "pull_in_limit = 7");
  const TemporaryFile file("part.toml", text);
  const dram::PartSpec part = read_dram(file.path()).part;
  CHECK(part.beats_per_clock == 2);
  CHECK(part.geometry.channels == 9);
  CHECK(part.geometry.pseudo_channels == 2);
  CHECK(part.geometry.bank_groups == 4);
  CHECK(part.geometry.banks_per_group == 8);
  CHECK(part.geometry.rows == 32'768);
  CHECK(part.geometry.burst == Bytes(32));
  CHECK(part.controller.read_queue == 64);
  CHECK(part.controller.write_queue == 65);
  CHECK(part.controller.drain_high == 48);
  CHECK(part.controller.drain_low == 16);
  CHECK(part.refresh.banks_at_once == 1);
  CHECK(part.refresh.postpone_limit == 8);
  CHECK(part.refresh.pull_in_limit == 7);
  CHECK(part.mapping.chunk_bursts == 4);
}
