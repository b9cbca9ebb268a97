// Any bytes as a list of copies and kernels.

#include "sim/trace/kernel_list.h"
#include "sim/base/error.h"
#include "tests/fuzz/memory_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* content, std::size_t size) {
  const strobe::fuzz::MemoryFile file(content, size);
  try {
    strobe::trace::read_kernel_list(file.path());
  } catch (const strobe::UserError&) {
  }
  return 0;
}
