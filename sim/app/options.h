#pragma once

// The door to Boost.Program_options: named options with a line of help each, and words in order.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/app/command.h"
#include "sim/base/units.h"

namespace strobe::app {

struct OptionSpec {
  std::string name;        // "output,o": long and short
  std::string value_name;  // "FILE", or empty for a switch
  std::string help;
};

// What every command with a result has.
inline const OptionSpec kJsonOption{"json", "", "print the result as JSON"};

// What every command has that runs for long enough to be held back.
inline const OptionSpec kPowerLimitOption{
    "power-limit", "WATTS", "that holds the clock: board (default), off, or a number of watts"};

struct Syntax {
  std::string usage;               // "strobe run TARGET TRACE [options]"
  std::string purpose;             // a paragraph
  std::vector<std::string> words;  // names of the words that must be there, in order
  std::vector<OptionSpec> options;
  std::size_t optional_words = 0;  // of those, the last so many may be left out
  bool last_word_repeats = false;  // it may be given several times
};

class Options {
 public:
  // Throws UserError for unknown or missing words and options.
  Options(const Syntax& syntax, const Words& words);

  // --help was asked for, and has been printed.
  bool helped() const { return helped_; }
  const std::string& word(std::size_t i) const { return words_[i]; }
  const std::vector<std::string>& words() const { return words_; }
  bool has_word(std::size_t i) const { return i < words_.size(); }
  bool has(const std::string& name) const { return text(name).has_value(); }
  std::optional<std::string> text(const std::string& name) const;
  std::optional<std::filesystem::path> path(const std::string& name) const { return text(name); }
  // Throws UserError unless it is a whole number of at least `least`.
  std::int64_t number(const std::string& name, std::int64_t otherwise, std::int64_t least) const;
  // A size with an optional K, M or G (powers of 1024).
  std::uint64_t bytes(const std::string& name, std::uint64_t otherwise) const;
  // A number with GB/s behind it.
  std::optional<BytesPerSecond> bandwidth(const std::string& name) const;

 private:
  struct Given {
    std::string name, value;
  };
  bool helped_ = false;
  std::vector<std::string> words_;
  std::vector<Given> given_;
};

}  // namespace strobe::app
