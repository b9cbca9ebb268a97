// Any bytes as a text of memory requests.

#include "sim/trace/request_trace.h"
#include "sim/base/error.h"
#include "tests/fuzz/memory_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* content, std::size_t size) {
  const strobe::fuzz::MemoryFile file(content, size);
  try {
    strobe::trace::RequestTrace requests(file.path());
    strobe::trace::MemoryRequest request;
    while (requests.next(request)) {
    }
  } catch (const strobe::UserError&) {
  }
  return 0;
}
