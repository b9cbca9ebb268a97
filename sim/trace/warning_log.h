#pragma once

// Collects what readers met and replayed anyway, alike things counted together.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "sim/trace/program.h"

namespace strobe::trace {

class WarningLog {
 public:
  void add(const std::string& text) {
    const auto same = std::find_if(warnings_.begin(), warnings_.end(),
                                   [&](const Warning& warning) { return warning.text == text; });
    if (same != warnings_.end()) {
      ++same->times;
    } else {
      warnings_.push_back({text, 1});
    }
  }

  // All unknown opcodes make one warning; it names the first few.
  void add_unknown_opcode(std::string_view text) {
    ++unknown_opcodes_;
    const std::string name(text.substr(0, text.find('.')));
    const bool is_named = std::find(names_.begin(), names_.end(), name) != names_.end();
    if (!is_named && names_.size() < kMaxNames) names_.push_back(name);
  }

  std::vector<Warning> all() const {
    std::vector<Warning> result = warnings_;
    if (unknown_opcodes_ == 0) return result;
    std::string text = "unknown opcodes replayed as integer arithmetic:";
    for (const std::string& name : names_) text += " " + name;
    if (names_.size() == kMaxNames) text += " ...";
    result.push_back({text, unknown_opcodes_});
    return result;
  }

 private:
  static constexpr std::size_t kMaxNames = 8;

  std::vector<Warning> warnings_;
  std::vector<std::string> names_;
  std::uint64_t unknown_opcodes_ = 0;
};

}  // namespace strobe::trace
