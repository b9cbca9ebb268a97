#pragma once

// A program is what the host did, in order: copies and kernel launches.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sim/trace/kernel_trace.h"

namespace strobe::trace {

struct Step {
  // in_l2: from here on the L2 holds these bytes, and a system-level cache behind it what does not
  // fit, as if something had just read or written them. It takes no time.
  enum class What : std::uint8_t { copy_to_device, copy_to_host, kernel, in_l2 };
  What what{};

  bool is_copy() const { return what == What::copy_to_device || what == What::copy_to_host; }

  std::uint64_t address = 0, bytes = 0;  // of a copy, or held by the L2
  bool dirty = false;                    // held by the L2: written, and not yet in the DRAM
  std::string kernel_file;               // of a kernel: as the list names it
};

// Something a reader met and replayed anyway: an unknown opcode, an impossible header field.
struct Warning {
  std::string text;
  std::uint64_t times = 1;
};

class Program {
 public:
  virtual ~Program() = default;
  virtual const std::vector<Step>& steps() const = 0;
  // Paths of what it is read from, the list first, each once; empty for a generated program.
  virtual std::vector<std::string> files() const { return {}; }
  // Looks over every kernel's file for damage (a short file, a missing CTA) and throws UserError,
  // so that a run refuses bad input before it starts. Generated programs have nothing to look over.
  virtual void check() {}
  // Opens the kernel of step `index`. REQUIRES: it is a kernel; the program outlives what it opens.
  virtual std::unique_ptr<CtaSource> open(std::size_t index) = 0;
  // What was met so far in all kernels opened, alike ones counted together.
  virtual std::vector<Warning> warnings() const = 0;
};

}  // namespace strobe::trace
