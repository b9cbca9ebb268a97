// Any bytes as an ONNX model, and what can be read as the layers of a network.

#include "sim/base/error.h"
#include "sim/networks/onnx_network.h"
#include "tests/fuzz/memory_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* content, std::size_t size) {
  const strobe::fuzz::MemoryFile file(content, size);
  try {
    strobe::networks::read_onnx_network(file.path(), {16, 0});
  } catch (const strobe::UserError&) {
  }
  return 0;
}
