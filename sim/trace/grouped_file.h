#pragma once

// The outer grammar of a post-processed trace (.traceg): CTAs between #BEGIN_TB and #END_TB, their
// warps one after the other, each with its count of instruction lines. What is done with those
// lines is the caller's: reading them or only counting.

#include "sim/trace/cta_ledger.h"
#include "sim/trace/kernel_header.h"
#include "sim/trace/text_input.h"

namespace strobe::trace {

class GroupedFile {
 public:
  // REQUIRES: `input` stands at the first line of the body.
  GroupedFile(TextInput& input, const KernelHeader& kernel)
      : input_(input), kernel_(kernel), ledger_(kernel) {}

  // Calls begin_warp(number) and then instruction(line) for each of its lines. False at the end of
  // the file, when every CTA was there.
  template <class BeginWarp, class OnInstruction>
  bool next_cta(std::array<std::uint32_t, 3>& index, BeginWarp begin_warp,
                OnInstruction instruction) {
    if (!find_cta(index)) return false;
    std::uint32_t warp = 0, count = 0;
    while (next_warp(warp, count)) {
      begin_warp(warp);
      for (std::uint32_t i = 0; i < count; ++i) instruction(instruction_line(i, count));
    }
    return true;
  }

 private:
  bool find_cta(std::array<std::uint32_t, 3>& index);
  bool next_warp(std::uint32_t& warp, std::uint32_t& count);

  std::string_view instruction_line(std::uint32_t done, std::uint32_t declared) {
    const std::string_view line = filled_line("an instruction");
    if (line[0] == '#' || line[0] > 'f') complain_about_count(done, declared);
    return line;
  }
  // The next line that is not blank; the end of the file and a cut line are damage here.
  std::string_view filled_line(const char* expected) {
    std::string_view line;
    do {
      if (!input_.next(line)) complain_about_end(expected);
    } while (line.empty());
    if (!input_.line_ended()) input_.fail("the file ends in the middle of this line");
    return line;
  }
  [[noreturn]] void complain_about_count(std::uint32_t done, std::uint32_t declared) const;
  [[noreturn]] void complain_about_end(const char* expected) const;
  bool number_after(std::string_view line, std::string_view key, std::uint32_t& value) const;
  void read_place(std::string_view line, std::array<std::uint32_t, 3>& index) const;

  TextInput& input_;
  const KernelHeader& kernel_;
  CtaLedger ledger_;
  std::array<std::uint32_t, 3> cta_{};  // being read
  std::uint32_t warp_ = 0;              // being read
  std::uint32_t warps_seen_ = 0;        // one bit each, of this CTA
};

}  // namespace strobe::trace
