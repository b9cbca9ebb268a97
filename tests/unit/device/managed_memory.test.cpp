#include "sim/device/managed_memory.h"

#include "sim/device/catalogue.h"
#include "sim/device/read_gpu.h"
#include "tests/support/catch.h"
#include "tests/support/edited_file.h"

using namespace strobe;
using namespace strobe::device;
using strobe::test::user_error;

TEST_CASE("memory can be managed where host and device have their own, and nowhere else",
          "[device]") {
  for (const std::string& name : list_gpus()) {
    INFO(name);
    GpuSpec gpu = read_gpu(name);
    CHECK_FALSE(moves_pages(gpu));
    if (gpu.host.unified) {
      CHECK(user_error([&] {
              manage_memory(gpu);
            }).starts_with("--managed: " + name + " shares its memory with the host"));
      continue;
    }
    manage_memory(gpu);
    CHECK(moves_pages(gpu));
  }
  GpuSpec unknown = read_gpu("v100-pcie-32gb");
  unknown.host.managed.reset();
  CHECK(user_error([&] {
          manage_memory(unknown);
        }).starts_with("--managed: the config of v100-pcie-32gb has no [host.managed]"));
}
