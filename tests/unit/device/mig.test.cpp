#include "sim/device/mig.h"

#include "sim/device/read_gpu.h"
#include "tests/support/catch.h"
#include "tests/support/edited_file.h"

using namespace strobe;
using namespace strobe::device;
using strobe::test::user_error;

TEST_CASE("a MIG instance has its share of SMs, slices, channels and capacity", "[device]") {
  const GpuSpec whole = read_gpu("a100-sxm4-40gb");
  const GpuSpec one = mig_instance(whole, "1g.5gb");
  CHECK(one.name == "a100-sxm4-40gb:1g.5gb");
  CHECK(one.sms == 14);
  CHECK(one.slices == 10);
  CHECK(one.memory.channels == 5);
  CHECK(one.memory.capacity == 5ULL << 30);
  CHECK(one.memory.part.geometry.rows == whole.memory.part.geometry.rows);
  CHECK(mig_instance(read_gpu("a100-sxm4-80gb"), "3g.40gb").memory.capacity == 40ULL << 30);
}

TEST_CASE("an instance with half of the memory has one L2 partition, the largest has both",
          "[device]") {
  const GpuSpec whole = read_gpu("a100-pcie-40gb");
  CHECK(mig_instance(whole, "4g.20gb").sms == 56);
  CHECK_FALSE(mig_instance(whole, "4g.20gb").l2.crossing.has_value());
  CHECK(mig_instance(whole, "7g.40gb").sms == 98);
  CHECK(mig_instance(whole, "7g.40gb").l2.crossing.has_value());
}

TEST_CASE("a profile that a GPU does not have is refused with those that it has", "[device]") {
  CHECK(user_error([] { mig_instance(read_gpu("a100-sxm4-40gb"), "1g.6gb"); }) ==
        "a100-sxm4-40gb has no MIG profile '1g.6gb'; it has 1g.5gb, 2g.10gb, 3g.20gb, 4g.20gb, "
        "7g.40gb");
  CHECK(user_error([] { mig_instance(read_gpu("t4"), "1g.5gb"); }) ==
        "t4 has no MIG profile '1g.5gb': it cannot be divided");
}
