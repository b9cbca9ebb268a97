// The user's mistakes come out as UserError wherever they are met, also in the middle of a kernel
// and on another thread.

#include "tests/support/catch.h"
#include "tests/support/run_small.h"

using namespace strobe;
using namespace strobe::test;

TEST_CASE("a trace that turns out damaged in mid-kernel is the user's error, on any thread") {
  WarpScript warp;
  warp.load(10, {}).operate(trace::Op::integer, 11, {10}).exit();
  HandMadeKernel kernel(std::vector<WarpScript>(2, warp), 100);
  kernel.damaged_from = 60;
  for (const int threads : {1, 2, 3}) {
    HandMadeProgram program(kernel);
    std::string message;
    try {
      run_on(small_gpu(2), program, {threads, false, {}});
    } catch (const UserError& error) {
      message = error.what();
    }
    CHECK(message == "damaged.traceg:7: it stops here");
  }
}

TEST_CASE("a CTA that no SM can hold is refused with what it has too much of") {
  WarpScript warp;
  warp.exit();
  HandMadeKernel kernel(std::vector<WarpScript>(2, warp));
  kernel.header.shared_bytes = 1 << 20;
  HandMadeProgram program(kernel);
  CHECK_THROWS_WITH(run_on(small_gpu(1), program), Catch::Contains("shared memory"));
}
