#include "sim/trace/kernel_list.h"

#include "tests/support/catch.h"
#include "tests/support/traces.h"

using namespace strobe;
using namespace strobe::test;
using namespace strobe::trace;

namespace {

const std::string kKernel = trace_header(5) + one_warp({"0010 ffffffff 0 EXIT 0 0 0"});

std::string error_of_list(const std::string& list) {
  return error_of([&] {
    const ScratchFolder folder;
    folder.write("kernel-1.traceg", kKernel);
    open_program(folder.write("kernelslist.g", list));
  });
}

}  // namespace

TEST_CASE("a list gives copies and kernels in order, other lines are skipped", "[trace]") {
  const ScratchFolder folder;
  folder.write("kernel-1.traceg", kKernel);
  folder.write("kernel-2-ctx_0x55c28dad19e0.traceg.xz", xz_of(kKernel));
  const std::string list = folder.write("kernelslist.g",
                                        "MemcpyHtoD,0x00007fb0fc400000,200000\r\n\n"
                                        "MemcpyDtoH,0x00007fb0fc400000,100\n"
                                        "MemcpyHtoD,00007fb0fc500000,64,data.bin\n"
                                        "kernel-1.traceg\n"
                                        "# a remark\n"
                                        "kernel-2-ctx_0x55c28dad19e0.traceg.xz");
  const auto program = open_program(list);
  const std::vector<Step>& steps = program->steps();
  REQUIRE(steps.size() == 5);
  CHECK(steps[0].what == Step::What::copy_to_device);
  CHECK(steps[0].address == 0x7fb0fc400000);
  CHECK(steps[0].bytes == 200000);
  CHECK(steps[1].what == Step::What::copy_to_host);
  CHECK(steps[1].bytes == 100);
  CHECK(steps[2].what == Step::What::copy_to_device);
  CHECK(steps[2].address == 0x7fb0fc500000);
  CHECK(steps[2].bytes == 64);
  CHECK(steps[3].kernel_file == "kernel-1.traceg");
  program->check();
  for (const std::size_t kernel : {3U, 4U}) {
    CHECK(read_all(*program->open(kernel)).size() == 1);
  }
}

TEST_CASE("a single kernel and a folder with a list are programs too", "[trace]") {
  const ScratchFolder folder;
  const std::string kernel = folder.write("kernel-1.traceg", kKernel);
  CHECK(open_program(kernel)->steps().size() == 1);
  CHECK(open_program(folder.write("odd-name", kKernel))->steps().size() == 1);
  folder.write("kernelslist", "kernel-1.traceg\n");
  const auto program = open_program(folder.path());
  CHECK(read_all(*program->open(0)).size() == 1);
}

TEST_CASE("a malformed list is refused at its line", "[trace]") {
  CHECK(error_of_list("kernel-1.traceg\nMemcpyHtoD,0x7fb0,12x\n") ==
        "kernelslist.g:2: expected 'MemcpyHtoD,0xADDRESS,BYTES'");
  CHECK(error_of_list("MemcpyHtoD,0x7fb0\n") ==
        "kernelslist.g:1: expected 'MemcpyHtoD,0xADDRESS,BYTES'");
  CHECK(error_of_list("MemcpyDtoH,0x7fb0\n") ==
        "kernelslist.g:1: expected 'MemcpyDtoH,0xADDRESS,BYTES'");
  CHECK(error_of_list("MemcpyHtoD,0xffffffffffffff00,4096\n") ==
        "kernelslist.g:1: the copy ends beyond the last 64-bit address");
  CHECK(error_of_list("kernel-1.traceg\nkernel-7.traceg\n") ==
        "kernelslist.g:2: there is no file 'kernel-7.traceg'");
  CHECK(error_of_list("what is this\n") ==
        "kernelslist.g: is neither a kernel trace nor a list of kernels and copies");
  CHECK(error_of_list("kernel-1.tracez\n") ==
        "kernel-1.tracez: binary .tracez traces are not supported; write them as .traceg");
}

TEST_CASE("what is not there is refused by name", "[trace]") {
  const ScratchFolder folder;
  CHECK(error_of([&] { open_program(folder.path("none")); }) ==
        "none: cannot be opened: No such file or directory");
  std::filesystem::create_directory(folder.path("sub"));
  CHECK(error_of([&] { open_program(folder.path("sub")); }) ==
        "sub: the folder has no kernelslist.g");
}

TEST_CASE("check finds damage in a kernel far down the list before anything is replayed",
          "[trace]") {
  const ScratchFolder folder;
  folder.write("kernel-1.traceg", kKernel);
  folder.write("kernel-2.traceg", kKernel.substr(0, kKernel.size() - 4));
  const auto program =
      open_program(folder.write("kernelslist.g", "kernel-1.traceg\nkernel-2.traceg\n"));
  CHECK(error_of([&] { program->check(); }) ==
        "kernel-2.traceg:25: the file ends in the middle of this line");
}

TEST_CASE("warnings of all kernels that were opened are counted together", "[trace]") {
  const ScratchFolder folder;
  const std::string text = trace_header(5) + one_warp({"0010 ffffffff 0 FROB 0 0 0"});
  folder.write("kernel-1.traceg", text);
  folder.write("kernel-2.traceg", text);
  const auto program =
      open_program(folder.write("kernelslist.g", "kernel-1.traceg\nkernel-2.traceg\n"));
  program->check();
  CHECK(program->warnings().empty());
  read_all(*program->open(0));
  read_all(*program->open(1));
  REQUIRE(program->warnings().size() == 1);
  CHECK(program->warnings()[0].times == 2);
}
