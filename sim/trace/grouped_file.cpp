#include "sim/trace/grouped_file.h"

#include <charconv>

namespace strobe::trace {

// "key = value"
bool GroupedFile::number_after(std::string_view line, std::string_view key,
                               std::uint32_t& value) const {
  if (line.substr(0, key.size()) != key) return false;
  line.remove_prefix(key.size());
  const std::size_t digits = line.find_first_of("0123456789");
  if (digits == std::string_view::npos || line.substr(0, digits) != " = ") {
    input_.fail("expected '" + std::string(key) + " = ' and a number");
  }
  const char* const end = line.data() + line.size();
  const auto [stop, error] = std::from_chars(line.data() + digits, end, value);
  if (error != std::errc{} || stop != end) {
    input_.fail("expected '" + std::string(key) + " = ' and a number");
  }
  return true;
}

void GroupedFile::read_place(std::string_view line, std::array<std::uint32_t, 3>& index) const {
  constexpr std::string_view kKey = "thread block = ";
  const char* at = line.data();
  const char* const end = at + line.size();
  bool is_good = line.substr(0, kKey.size()) == kKey;
  if (is_good) at += kKey.size();
  for (std::size_t i = 0; i < 3 && is_good; ++i) {
    const auto [stop, error] = std::from_chars(at, end, index[i]);
    is_good = error == std::errc{} && (i == 2 ? stop == end : stop != end && *stop == ',');
    at = stop + (i == 2 ? 0 : 1);
  }
  if (!is_good) input_.fail("expected 'thread block = x,y,z'");
}

bool GroupedFile::find_cta(std::array<std::uint32_t, 3>& index) {
  std::string_view line;
  do {
    if (!input_.next(line)) {
      ledger_.require_complete(input_.path());
      return false;
    }
    if (!input_.line_ended()) input_.fail("the file ends in the middle of this line");
  } while (line.empty() || (line[0] == '#' && line != "#BEGIN_TB" && line != "#END_TB"));
  if (line != "#BEGIN_TB") input_.fail("expected '#BEGIN_TB' between two thread blocks");

  read_place(filled_line("'thread block = x,y,z'"), index);
  if (!ledger_.is_inside(index)) {
    input_.fail("thread block " + CtaLedger::text(index) + " is outside the grid " +
                ledger_.grid_text());
  }
  if (!ledger_.enter(index)) {
    input_.fail("thread block " + CtaLedger::text(index) + " is there twice");
  }
  cta_ = index;
  warps_seen_ = 0;
  return true;
}

bool GroupedFile::next_warp(std::uint32_t& warp, std::uint32_t& count) {
  std::string_view line = filled_line("'warp = ' or '#END_TB'");
  while (line.substr(0, 8) == "cluster ") line = filled_line("'warp = ' or '#END_TB'");
  if (line == "#END_TB") return false;
  if (!number_after(line, "warp", warp)) {
    // A line too many looks like an instruction where the next warp should start.
    input_.fail(warps_seen_ == 0
                    ? "expected 'warp = ' or '#END_TB'"
                    : "expected 'warp = ' or '#END_TB': warp " + std::to_string(warp_) +
                          " has more lines than its 'insts = ' says");
  }
  if (warp >= kernel_.warps_per_cta()) {
    input_.fail("warp " + std::to_string(warp) + " in a block of " +
                std::to_string(kernel_.warps_per_cta()) + " warps");
  }
  if ((warps_seen_ >> warp & 1U) != 0) {
    input_.fail("warp " + std::to_string(warp) + " is there twice in thread block " +
                CtaLedger::text(cta_));
  }
  warps_seen_ |= 1U << warp;
  warp_ = warp;
  if (!number_after(filled_line("'insts = '"), "insts", count)) input_.fail("expected 'insts = '");
  return true;
}

void GroupedFile::complain_about_count(std::uint32_t done, std::uint32_t declared) const {
  input_.fail("warp " + std::to_string(warp_) + " of thread block " + CtaLedger::text(cta_) +
              " declares " + std::to_string(declared) + " instructions, but only " +
              std::to_string(done) + " are there");
}

void GroupedFile::complain_about_end(const char* expected) const {
  input_.fail("the file ends inside thread block " + CtaLedger::text(cta_) + ", expected " +
              expected);
}

}  // namespace strobe::trace
