// Residency against the rules of NVIDIA's occupancy calculator, worked out by hand: the limits of a
// compute capability are those of the CUDA C++ Programming Guide's table of technical
// specifications; registers are given to a warp in units of 256 and warps to sub-partitions by
// fours; shared memory is given in units of 256 bytes (7.0) or 128 bytes (8.x and 9.0), 1 KiB of it
// to the system from 8.0 on.

#include "sim/model/sm/occupancy.h"

#include "tests/support/catch.h"
#include "tests/support/print_units.h"

using namespace strobe;
using namespace strobe::sm;

namespace {

Spec capability(std::uint32_t warps, std::uint32_t ctas, std::int64_t shared_kib, int generation) {
  Spec spec;
  spec.sub_partitions = 4;
  spec.max_warps = warps;
  spec.max_ctas = ctas;
  spec.registers = 65536;
  spec.register_unit = 256;
  spec.shared_max = Bytes(shared_kib << 10);
  spec.shared_unit = Bytes(generation >= 8 ? 128 : 256);
  spec.shared_reserved = Bytes(generation >= 8 ? 1024 : 0);
  spec.l1.capacity = Bytes((shared_kib + 28) << 10);
  return spec;
}

const Spec kVolta = capability(64, 32, 96, 7);    // 7.0
const Spec kA100 = capability(64, 32, 164, 8);    // 8.0
const Spec kAmpere = capability(48, 16, 100, 8);  // 8.6
const Spec kHopper = capability(64, 32, 228, 9);  // 9.0

struct Case {
  std::uint32_t threads, registers, shared;
  std::uint32_t ctas;
  const char* limit;
};

void check(const Spec& spec, const Case& expected) {
  trace::KernelHeader kernel;
  kernel.block[0] = expected.threads;
  kernel.registers = expected.registers;
  kernel.shared_bytes = expected.shared;
  const Residency found = residency(spec, kernel);
  CAPTURE(expected.threads, expected.registers, expected.shared);
  CHECK(found.ctas == expected.ctas);
  CHECK(std::string(found.limit) == expected.limit);
}

}  // namespace

TEST_CASE("compute capability 7.0 holds the CTAs that the occupancy calculator gives") {
  check(kVolta, {256, 32, 0, 8, "warps"});  // 64 / 8
  check(kVolta, {32, 16, 0, 32, "CTAs"});
  check(kVolta, {256, 33, 0, 6, "registers"});  // 1280 a warp: 12 a quarter, 48 / 8
  check(kVolta, {256, 64, 0, 4, "registers"});  // 2048 a warp: 8 a quarter, 32 / 8
  check(kVolta, {1024, 64, 0, 1, "registers"});
  check(kVolta, {96, 168, 0, 4, "registers"});  // 5376 a warp: 3 a quarter, 12 / 3
  check(kVolta, {128, 32, 49'152, 2, "shared memory"});
  check(kVolta, {128, 32, 49'153, 1, "shared memory"});  // 49,408 a CTA
  check(kVolta, {33, 16, 0, 32, "CTAs"});
}

TEST_CASE("compute capability 8.0 holds the CTAs that the occupancy calculator gives") {
  check(kA100, {256, 32, 0, 8, "warps"});
  check(kA100, {128, 128, 0, 4, "registers"});           // 4096 a warp: 4 a quarter, 16 / 4
  check(kA100, {128, 32, 32'768, 4, "shared memory"});   // 33,792 of 167,936: 4.97
  check(kA100, {128, 32, 166'912, 1, "shared memory"});  // 163 KiB, the most a CTA may have
  check(kA100, {128, 32, 167'000, 0, "shared memory"});
}

TEST_CASE("compute capability 8.6 holds the CTAs that the occupancy calculator gives") {
  check(kAmpere, {256, 32, 0, 6, "warps"});  // 48 / 8
  check(kAmpere, {64, 32, 0, 16, "CTAs"});
  check(kAmpere, {1024, 40, 0, 1, "warps"});
  check(kAmpere, {256, 72, 0, 3, "registers"});           // 2304 a warp: 7 a quarter, 28 / 8
  check(kAmpere, {128, 32, 24'576, 4, "shared memory"});  // 25,600 of 102,400
  check(kAmpere, {128, 32, 24'577, 3, "shared memory"});
}

TEST_CASE("compute capability 9.0 holds the CTAs that the occupancy calculator gives") {
  check(kHopper, {384, 168, 0, 1, "registers"});           // 5376 a warp: 3 a quarter, 12 / 12
  check(kHopper, {128, 32, 232'448, 1, "shared memory"});  // 227 KiB
  check(kHopper, {128, 32, 73'728, 3, "shared memory"});   // 74,752 of 233,472
  check(kHopper, {512, 32, 0, 4, "warps"});
}

TEST_CASE("what resident CTAs take as shared memory is not L1 where the two are one") {
  trace::KernelHeader kernel;
  kernel.block[0] = 128;
  kernel.registers = 32;
  kernel.shared_bytes = 49'152;
  CHECK(residency(kVolta, kernel).l1_capacity == Bytes((124 << 10) - 2 * 49'152));
  Spec apart = kVolta;
  apart.l1.unified_with_shared = false;
  CHECK(residency(apart, kernel).l1_capacity == apart.l1.capacity);
}
