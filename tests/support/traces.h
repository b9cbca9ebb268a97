#pragma once

// Short ways to write traces down and to read them in tests.

#include <memory>
#include <string>
#include <vector>

#include "sim/base/error.h"
#include "sim/trace/accelsim_reader.h"
#include "sim/trace/program.h"
#include "tests/support/scratch_folder.h"

namespace strobe::test {

// A header of the given version; no version line when it is 0.
inline std::string trace_header(int version, const std::string& grid = "(1,1,1)",
                                const std::string& block = "(32,1,1)") {
  std::string text = "-kernel name = k\n-kernel id = 1\n-grid dim = " + grid +
                     "\n-block dim = " + block +
                     "\n-shmem = 0\n-nregs = 16\n-binary version = 80\n-cuda stream id = 0\n"
                     "-shmem base_addr = 0x00007f0000000000\n"
                     "-local mem base_addr = 0x00007f0002000000\n-nvbit version = 1.7\n";
  if (version > 0) text += "-accelsim tracer version = " + std::to_string(version) + "\n";
  if (version >= 4) text += "-enable lineinfo = 0\n";
  return text + "\n#traces format = PC mask ...\n\n";
}

// One CTA with one warp of these lines.
inline std::string one_warp(const std::vector<std::string>& lines,
                            const std::string& block = "0,0,0") {
  std::string text = "#BEGIN_TB\n\nthread block = " + block +
                     "\n\nwarp = 0\ninsts = " + std::to_string(lines.size()) + "\n";
  for (const std::string& line : lines) text += line + "\n";
  return text + "\n#END_TB\n";
}

inline std::vector<trace::Cta> read_all(trace::CtaSource& source) {
  std::vector<trace::Cta> ctas;
  trace::Cta cta;
  while (source.next(cta)) ctas.push_back(cta);
  return ctas;
}

struct ReadBack {
  trace::KernelHeader header;
  std::vector<trace::Cta> ctas;
  std::vector<trace::Warning> warnings;
};

inline ReadBack read_text(const std::string& text, const std::string& name = "kernel-1.traceg") {
  const ScratchFolder folder;
  trace::WarningLog log;
  const auto source = trace::open_accelsim(folder.write(name, text), log);
  ReadBack result;
  result.header = source->header();
  result.ctas = read_all(*source);
  result.warnings = log.all();
  return result;
}

// The one instruction of a trace with a single line.
inline trace::Instruction read_line(int version, const std::string& line) {
  return read_text(trace_header(version) + one_warp({line})).ctas.at(0).instructions.at(0);
}

// What the error says, without the folder; empty when there was none.
template <class Action>
std::string error_of(Action action) {
  try {
    action();
  } catch (const UserError& error) {
    const std::string text = error.what();
    const std::size_t place = text.find("strobe-test-");
    if (place == std::string::npos) return text;
    const std::size_t slash = text.find('/', place);
    return slash == std::string::npos ? text : text.substr(slash + 1);
  }
  return "";
}

inline std::string error_of_text(const std::string& text,
                                 const std::string& name = "kernel-1.traceg") {
  return error_of([&] { read_text(text, name); });
}

inline std::vector<std::uint64_t> addresses_of(const trace::Cta& cta,
                                               const trace::Instruction& instruction) {
  std::vector<std::uint64_t> result;
  for (std::uint32_t i = 0; i < instruction.address_count(); ++i) {
    result.push_back(cta.address(instruction, i));
  }
  return result;
}

}  // namespace strobe::test
