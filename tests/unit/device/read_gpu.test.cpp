#include "sim/device/read_gpu.h"

#include <algorithm>

#include "sim/device/catalogue.h"
#include "tests/support/catch.h"
#include "tests/support/edited_file.h"

using namespace strobe;
using namespace strobe::device;
using strobe::test::complaint_of;
using strobe::test::replaced;
using strobe::test::TemporaryFile;
using strobe::test::text_of;
using strobe::test::user_error;

namespace {

// The message for the V100 with `from` replaced by `to`, less the place, which must be that of
// `blamed`.
std::string complaint(std::string_view from, std::string_view to, std::string_view blamed) {
  return complaint_of(find_gpu("v100-pcie-32gb"), from, to, blamed,
                      [](const std::string& file) { read_gpu(file); });
}

}  // namespace

TEST_CASE("a GPU's file becomes its spec", "[device]") {
  const GpuSpec gpu = read_gpu("v100-pcie-32gb");
  CHECK(gpu.name == "v100-pcie-32gb");
  CHECK(gpu.memory_kind == "HBM2");
  CHECK(gpu.sms == 80);
  CHECK(gpu.sm.clock == 1380_MHz);
  CHECK(gpu.sm.max_warps == 64);
  CHECK(gpu.sm.shared_max == Bytes(96 * 1024));
  CHECK(gpu.sm.pipes[static_cast<std::size_t>(sm::Pipe::fp64)].interval == Cycles(4));
  CHECK(gpu.sm.l1.bytes_per_cycle == 128);
  CHECK(gpu.sm.l1.hit_latency == Cycles(28));
  CHECK(gpu.slices == 64);
  CHECK(gpu.l2.capacity.count() * gpu.slices == 6 * 1024 * 1024);
  CHECK(gpu.crossbar.header_bytes == 8);
  CHECK(gpu.memory.part.name == "hbm2-1754");
  CHECK(gpu.memory.channels == 32);
  CHECK(gpu.memory.capacity == 32ULL << 30);
  CHECK(gpu.memory.interleave == 256);
  CHECK_FALSE(gpu.host.unified);
  CHECK(gpu.host.bandwidth == BytesPerSecond(12'350'000'000));
  CHECK(gpu.dispatch.cta_interval == Picoseconds(1'200));
}

TEST_CASE("a unified device has no link to describe", "[device]") {
  const GpuSpec gpu = read_gpu("gb10");
  CHECK(gpu.host.unified);
  CHECK(gpu.host.bandwidth == BytesPerSecond(0));
  CHECK(complaint("unified = false", "unified = true", "bandwidth = ") ==
        "unknown key 'host.bandwidth'");
}

TEST_CASE("the rows of a board follow from its capacity", "[device]") {
  CHECK(read_gpu("v100-pcie-32gb").memory.part.geometry.rows == 32'768);
  CHECK(read_gpu("v100-pcie-16gb").memory.part.geometry.rows == 16'384);
  CHECK(complaint("\"32 GiB\"", "\"32000000001 B\"", "capacity = { value = \"32000000001 B\"") ==
        "'memory.capacity' must be a whole number of rows of 1048576 B over all channels and "
        "banks");
}

TEST_CASE("a sibling takes what it does not state from the file it extends", "[device]") {
  const GpuSpec a40 = read_gpu("a40"), a6000 = read_gpu("rtx-a6000");
  CHECK(a40.name == "a40");
  CHECK(a40.sm.clock == 1740_MHz);
  CHECK(a6000.sm.clock == 1800_MHz);
  CHECK(a40.sm.max_warps == a6000.sm.max_warps);
  CHECK(a40.memory.part.name == "gddr6-14500");
  CHECK(a40.memory.capacity == a6000.memory.capacity);
}

TEST_CASE("only a file of the same folder that extends none can be extended", "[device]") {
  const auto error_extending = [](const std::string& line) {
    const TemporaryFile file("x.toml", line + "\n");
    const std::string message = user_error([&] { read_gpu(file.path()); });
    const std::string place = file.path() + ":1:1: ";
    return message.starts_with(place) ? message.substr(place.size()) : "elsewhere: " + message;
  };
  CHECK(error_extending("extends = 'v100'").starts_with("'extends': there is no "));
  CHECK(error_extending("extends = 'x'") == "'extends': x extends another file itself");
  CHECK(error_extending("extends = '../gpu/x'") ==
        "'extends' must be the name of a file in the same folder");
  CHECK(error_extending("extends = 3") ==
        "'extends' must be the name of a file in the same folder");
}

TEST_CASE("a board may set its own controller", "[device]") {
  const std::string own =
      "[memory.controller]\ndrain_high = { value = 60, from = 'assumed', source = 's' }\n[host]";
  const std::string text = text_of(find_gpu("v100-pcie-32gb"));
  const TemporaryFile file("gpu.toml", replaced(text, "[host]", own));
  const GpuSpec gpu = read_gpu(file.path());
  CHECK(gpu.memory.part.controller.drain_high == 60);
  CHECK(gpu.memory.part.controller.drain_low == 16);

  CHECK(complaint("[host]", "[memory.controller]\ndrain_hgih = 60\n[host]", "drain_hgih") ==
        "unknown key 'memory.controller.drain_hgih'; did you mean drain_high?");
  const std::string low =
      "[memory.controller]\ndrain_high = { value = 9, from = 'assumed', source = 's' }\n[host]";
  CHECK(complaint("[host]", low, "controller]") ==
        "'controller.drain_low' must be below drain_high");
}

TEST_CASE("a board may clock its memory differently: nanoseconds stay, clocks follow", "[device]") {
  const auto board = [](const std::string& rate) {
    return replaced(
        text_of(find_gpu("v100-pcie-32gb")), "[memory]\n",
        "[memory]\ndata_rate = { value = '" + rate + "', from = 'measured', source = 's' }\n");
  };
  const TemporaryFile slow("gpu.toml", board("1 Gb/s"));
  const GpuSpec gpu = read_gpu(slow.path());
  const dram::PartSpec& part = gpu.memory.part;
  CHECK(part.name == "hbm2-1754");
  CHECK(part.command_clock() == 500_MHz);
  CHECK(part.peak_of_pseudo_channel() == BytesPerSecond(8'000'000'000));
  CHECK(dram::cycles_of(part, "tRCDRD") == Cycles(7));  // 14 ns
  CHECK(dram::cycles_of(part, "tCCD_L") == Cycles(4));
  CHECK(std::count_if(gpu.sources.begin(), gpu.sources.end(), [](const Sourced& number) {
          return number.key == "memory.data_rate" && number.value == "1 Gb/s";
        }) == 1);

  const TemporaryFile odd("gpu.toml", board("1.000001 Gb/s"));
  CHECK(user_error([&] { read_gpu(odd.path()); }) ==
        odd.place("data_rate") +
            ": 'part.beats_per_clock' must divide the data rate into a whole "
            "number of kHz");
}

TEST_CASE("zero SMs, slices, channels, widths and latencies are refused", "[device]") {
  CHECK(complaint("sms = { value = 80", "sms = { value = 0", "sms = ") ==
        "'gpu.sms' must be 1 to 4294967295");
  CHECK(complaint("slices = { value = 64", "slices = { value = 0", "slices = ") ==
        "'l2.slices' must be 1 to 4294967295");
  CHECK(complaint("channels = { value = 32", "channels = { value = 0", "channels = ") ==
        "'memory.channels' must be 1 to 4294967295");
  CHECK(complaint("slice_reply_bytes_per_cycle = \"40 B/cycle\"",
                  "slice_reply_bytes_per_cycle = \"0 B/cycle\"", "slice_reply_bytes_per_cycle") ==
        "'crossbar.slice_reply_bytes_per_cycle' must not be zero");
  CHECK(complaint("request_latency = { value = \"36.2 ns\"", "request_latency = { value = \"0 ns\"",
                  "request_latency = ") == "'crossbar.request_latency' must not be zero");
  CHECK(complaint("hit_latency = { value = \"52.2 ns\"", "hit_latency = { value = \"-1 ns\"",
                  "hit_latency = { value = \"-1 ns\"") == "'l2.hit_latency' must not be negative");
}

TEST_CASE("relations that no machine has are refused with the key that breaks them", "[device]") {
  CHECK(complaint("slices = { value = 64", "slices = { value = 96", "slices = ") ==
        "'l2.slices' must be a multiple of the 64 pseudo-channels of the memory: each slice "
        "belongs to one");
  CHECK(complaint("interleave = { value = \"256 B\"", "interleave = { value = \"192 B\"",
                  "interleave = ") == "'memory.interleave' must be a multiple of 128 B");
  CHECK(complaint("sector_promotion = { value = \"32 B\"", "sector_promotion = { value = \"96 B\"",
                  "sector_promotion = ") == "'l2.sector_promotion' must be 32, 64 or 128 B");
  CHECK(complaint("ways = 24", "ways = 25", "capacity = \"96 KiB\"") ==
        "'l2.capacity' must be a whole number of sets of 25 lines of 128 B");
  CHECK(
      complaint("ways = { value = 16", "ways = { value = 17", "capacity = { value = \"128 KiB\"") ==
      "'sm.l1.capacity' must be a whole number of sets of 17 lines of 128 B");
  CHECK(complaint("ways = 24", "ways = 96", "ways = 96") == "'l2.ways' must not be more than 64");
  CHECK(complaint("shared_max = \"96 KiB\"", "shared_max = \"160 KiB\"", "shared_max = ") ==
        "'sm.shared_max' is more than sm.l1.capacity, which holds it");
  CHECK(complaint("registers = 65536", "registers = 65537", "register_unit = ") ==
        "'sm.register_unit' must divide sm.registers");
  CHECK(complaint("max_warps = 64", "max_warps = 63", "max_warps = ") ==
        "'sm.max_warps' must be a multiple of sm.sub_partitions");
}

TEST_CASE("a memory part that nobody knows is refused where it is named", "[device]") {
  CHECK(complaint("part = \"hbm2-1754\"", "part = \"hbm2-1745\"", "part = \"hbm2-1745\"") ==
        "no memory part 'hbm2-1745'; did you mean hbm2-1754 or hbm2-1430?");
}

TEST_CASE("a number that does not say where it comes from is refused", "[device]") {
  CHECK(complaint("part = \"hbm2-1754\"", "part = \"hbm2-1754\"\nextra = 3", "extra") ==
        "unknown key 'memory.extra'");
  CHECK(complaint("capacity = { value = \"32 GiB\", from = \"datasheet\", source = \"NVIDIA Tesla "
                  "V100 datasheet\" }",
                  "capacity = \"32 GiB\"", "capacity = \"32 GiB\"")
            .starts_with("'memory.capacity' does not say where it comes from"));
}
