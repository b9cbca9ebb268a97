// Any bytes as a kernel trace: read whole or refused.

#include "sim/base/error.h"
#include "sim/trace/accelsim_reader.h"
#include "tests/fuzz/memory_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* content, std::size_t size) {
  using namespace strobe;
  const fuzz::MemoryFile file(content, size);
  bool is_whole = true;
  try {
    trace::check_accelsim(file.path());
  } catch (const UserError&) {
    is_whole = false;
  }
  try {
    trace::WarningLog log;
    const auto source = trace::open_accelsim(file.path(), log);
    trace::Cta cta;
    std::uint64_t ctas = 0;
    while (source->next(cta)) {
      ++ctas;
      for (const trace::Instruction& instruction : cta.instructions) {
        for (std::uint32_t i = 0; i < instruction.address_count(); ++i) {
          static_cast<void>(cta.address(instruction, i));
        }
      }
    }
    // What the reader takes, the check before it has taken.
    STROBE_CHECK(is_whole && ctas == source->header().cta_count());
  } catch (const UserError&) {
  }
  return 0;
}
