#include "sim/device/what_if.h"

#include "sim/device/catalogue.h"
#include "sim/device/read_gpu.h"
#include "sim/stats/stalls.h"
#include "tests/support/catch.h"
#include "tests/support/edited_file.h"

using namespace strobe;
using namespace strobe::device;
using strobe::test::user_error;

TEST_CASE("what can be taken away are causes, in the order in which a request meets them",
          "[device]") {
  std::size_t last = 0;
  for (const WhatIf& one : what_ifs()) {
    std::size_t cause = 0;
    while (cause < stats::kCauseCount && !concerns(one, stats::kCauses[cause].name)) ++cause;
    REQUIRE(cause < stats::kCauseCount);
    CHECK(cause >= last);
    last = cause;
  }
}

TEST_CASE("without any cause or all of them a part's timings still go together", "[device]") {
  for (const std::string& name : list_gpus()) {
    GpuSpec without_all = read_gpu(name);
    for (const WhatIf& one : what_ifs()) {
      INFO(name << " without " << one.cause);
      GpuSpec gpu = read_gpu(name);
      one.take_away(gpu);
      one.take_away(without_all);
      CHECK(dram::check(gpu.memory.part).empty());
    }
    CHECK(dram::check(without_all.memory.part).empty());
  }
}

TEST_CASE("what can be taken away concerns its own cause or all of one part's", "[device]") {
  const WhatIf& cache = *what_ifs_of("slc").front();
  CHECK(concerns(cache, "slc.queue"));
  CHECK(concerns(cache, "slc.hit"));
  CHECK_FALSE(concerns(cache, "slcx"));
  const WhatIf& row_miss = *what_ifs_of("dram.row_miss").front();
  CHECK(concerns(row_miss, "dram.row_miss"));
  CHECK_FALSE(concerns(row_miss, "dram.row"));
}

TEST_CASE("a cause that cannot be taken away or is named twice is refused", "[device]") {
  CHECK(user_error([] { what_ifs_of("dram.refresh,dram.burst"); })
            .starts_with("--what-if: 'dram.burst' is no cause that can be taken away; there are "
                         "all, tlb, xbar.request"));
  CHECK(user_error([] { what_ifs_of(""); }).starts_with("--what-if: '' is no cause"));
  CHECK(user_error([] { what_ifs_of("l2.far,l2.far"); }) == "--what-if: l2.far is named twice");
  CHECK(what_ifs_of("all").size() == what_ifs().size());
}
