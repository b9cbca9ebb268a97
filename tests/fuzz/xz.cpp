// Any bytes as a compressed text; the mark of xz is put in front, so that all of them reach the
// decoder.

#include <vector>

#include "sim/base/error.h"
#include "sim/trace/text_input.h"
#include "tests/fuzz/memory_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* content, std::size_t size) {
  constexpr std::uint8_t kMark[] = {0xFD, '7', 'z', 'X', 'Z', 0};
  std::vector<std::uint8_t> bytes(content, content + size);
  for (std::size_t i = 0; i < sizeof kMark && i < bytes.size(); ++i) bytes[i] = kMark[i];
  const strobe::fuzz::MemoryFile file(bytes.data(), bytes.size());
  try {
    strobe::trace::TextInput input(file.path());
    std::string_view line;
    while (input.next(line)) {
    }
  } catch (const strobe::UserError&) {
  }
  return 0;
}
