// Writes the fuzzers' first inputs, made by the project's own generator: a folder for each fuzzer.

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "sim/trace/accelsim_writer.h"
#include "sim/trace/generate.h"
#include "tests/support/onnx_file.h"
#include "tests/support/scratch_folder.h"

using namespace strobe;
using namespace strobe::trace;

namespace {

void put(const std::filesystem::path& folder, const std::string& name, const std::string& content) {
  std::filesystem::create_directories(folder);
  std::ofstream(folder / name, std::ios::binary) << content;
}

void add_kernel(const std::filesystem::path& seeds, const std::string& name, Pattern pattern) {
  const test::ScratchFolder folder;
  write_accelsim(*generate({{.pattern = pattern,
                             .bytes = 2048,
                             .warps_per_cta = 2,
                             .loads = 2,
                             .copies_first = true}}),
                 folder.path());
  const std::string text = test::content_of(folder.path("kernel-1.traceg"));
  put(seeds / "accelsim", name, text);
  put(seeds / "xz", name, test::xz_of(text));
  put(seeds / "kernel_list", name, test::content_of(folder.path("kernelslist.g")));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: make_fuzz_seeds FOLDER\n");
    return 2;
  }
  const std::filesystem::path seeds = argv[1];
  for (const char* name : {"copy", "read", "write", "chase", "gather", "vectoradd"}) {
    add_kernel(seeds, name, *pattern_named(name));
  }
  put(seeds / "accelsim", "raw",
      "-grid dim = (2,1,1)\n-block dim = (32,1,1)\n-accelsim tracer version = 5\n#\n"
      "0 0 0 0 0000 00000003 0 LDGSTS.E.128 2 R9 R10 16 1 0x40 16 0\n"
      "1 0 0 0 0010 ffffffff 0 EXIT 0 0 0\n");
  put(seeds / "accelsim", "bulk",
      "-grid dim = (1,1,1)\n-block dim = (32,1,1)\n-accelsim tracer version = 6\n#\n#BEGIN_TB\n"
      "thread block = 0,0,0\nwarp = 0\ninsts = 2\n"
      "0010 00000001 0 UTMALDG.2D 1 UR4 16 0x400 1 3 512 0 3 2 0x1000 0x8000 0 0 NoVal\n"
      "0020 ffffffff 1 R24 HGMMA.64x128x16.F32 1 R24 1 0 5 0 NoVal\n#END_TB\n");
  put(seeds / "onnx", "cnn", test::cifar_cnn_1("N").bytes());
  put(seeds / "onnx", "transformer", test::transformer_layer(2, "sequence").bytes());
  put(seeds / "request_trace", "times", "0x1000 R 1ns\n0x1040 W 2.5ns # x\nLD 77 3us\n");
  put(seeds / "request_trace", "cycles", "0x1000 READ 1\n5: write 0x77\nST 0x80 6\n");
  return 0;
}
