#pragma once

// Traces of memory requests, for a memory part without a GPU. One request a line:
//
//   0x1000 R                 read or write: R W RD WR READ WRITE LD ST, in any case
//   0x1040 WRITE 37          the third field is when it may be offered: a bare number counts cycles
//   0x1080 R 12.5ns          of the memory's command clock, with ps, ns or us it is a time
//   R 0x10c0 [when]          kind first, as Ramulator 2 has it
//   40: read 0x1100          cycle first, as DRAMSys has it
//
// so the texts of DRAMsim3 (0xADDR READ CYCLE), Ramulator 2 and DRAMSys read as they are. Addresses
// are bytes, hexadecimal with 0x, decimal without; '#' starts a comment. A request without a time
// is offered as soon as the memory takes it. Times may not go back.
//
// The binary form is a little-endian 64-bit word a request, bit 63 set for a write, the rest the
// address. It is told, in a pipe too, by a zero byte in its first word, which every address below
// 2^48 has and no text; for addresses beyond, a name that ends in .bin (or .bin.xz) says so.

#include <memory>
#include <string>

#include "sim/base/units.h"
#include "sim/trace/text_input.h"

namespace strobe::trace {

struct MemoryRequest {
  std::uint64_t address = 0;
  bool is_write = false;
  Picoseconds arrival{-1};   // since the start, -1 when the trace gives none
  Cycles arrival_cycle{-1};  // of the memory's command clock, -1 likewise

  bool operator==(const MemoryRequest&) const = default;
};

class RequestTrace {
 public:
  // Throws UserError when the file cannot be read.
  explicit RequestTrace(const std::string& path);

  // The next request; false at the end. Throws UserError at a line that is none.
  bool next(MemoryRequest& request) {
    if (text_ != nullptr) return next_line(request);
    if (at_ == words_.size() && !refill()) return false;
    const std::uint64_t word = words_[at_++];
    request = {.address = word & ~kWriteBit, .is_write = (word & kWriteBit) != 0};
    return true;
  }

 private:
  static constexpr std::uint64_t kWriteBit = std::uint64_t{1} << 63;

  bool next_line(MemoryRequest& request);
  bool refill();
  void parse(std::string_view line, MemoryRequest& request);
  void parse_time(std::string_view word, MemoryRequest& request);
  void require_order(const MemoryRequest& request);

  std::unique_ptr<TextInput> text_;    // of a text trace,
  std::unique_ptr<ByteInput> binary_;  // or of a binary one
  std::vector<std::uint64_t> words_;
  std::size_t at_ = 0;
  MemoryRequest last_;
};

}  // namespace strobe::trace
