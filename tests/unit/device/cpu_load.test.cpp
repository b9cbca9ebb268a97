#include "sim/device/cpu_load.h"

#include "sim/device/read_gpu.h"
#include "tests/support/catch.h"
#include "tests/support/edited_file.h"

using namespace strobe;
using namespace strobe::device;
using strobe::test::user_error;

TEST_CASE("a CPU loads a memory that it shares, and no other one", "[device]") {
  GpuSpec spark = read_gpu("gb10");
  CHECK_FALSE(has_cpu_load(spark));
  set_cpu_load(spark, BytesPerSecond(40'000'000'000));
  CHECK(has_cpu_load(spark));
  CHECK(spark.memory.cpu->load.count() * spark.memory.channels == 40'000'000'000);
  GpuSpec discrete = read_gpu("v100-pcie-32gb");
  CHECK(user_error([&] {
          set_cpu_load(discrete, BytesPerSecond(1'000'000));
        }).starts_with("--cpu-load: v100-pcie-32gb has memory of its own"));
  CHECK(user_error([&] {
          set_cpu_load(spark, BytesPerSecond(400'000'000'000));
        }).starts_with("--cpu-load: the memory of gb10 moves at most 273"));
}
