// strobe check: the commands that a run wrote with --command-trace, or another simulator in the
// same form, shown to the checker that is written from the standards.

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "sim/app/command.h"
#include "sim/app/options.h"
#include "sim/app/report_check.h"
#include "sim/base/error.h"
#include "sim/device/overrides.h"
#include "sim/device/read_dram.h"
#include "sim/model/dram/checker.h"
#include "sim/trace/byte_input.h"

namespace strobe::app {

namespace {

// A checker for each channel, whose commands come in the order of time.
class TraceCheck {
 public:
  explicit TraceCheck(const dram::PartSpec& part)
      : checkers_(part.geometry.channels, dram::CommandChecker(part)) {}

  void read(std::istream& input, const std::string& name) {
    std::string line;
    for (std::int64_t number = 1; std::getline(input, line); ++number) {
      const std::optional<dram::CommandLine> command = dram::parse_line(line);
      if (!command) {
        throw UserError({name, number},
                        "is not 'time_ps channel pseudo_channel command bank_group bank row "
                        "column'");
      }
      if (command->channel >= checkers_.size()) {
        throw UserError({name, number}, fmt::format("channel {} of a part that has {}",
                                                    command->channel, checkers_.size()));
      }
      checkers_[command->channel].see(command->command);
    }
    if (input.bad()) throw UserError({name}, "cannot be read");
  }

  DramCheck result() const {
    DramCheck check;
    for (std::uint32_t channel = 0; channel < checkers_.size(); ++channel) {
      const dram::CommandChecker& checker = checkers_[channel];
      check.commands += checker.commands();
      check.violations += checker.violation_count();
      for (const dram::Violation& violation : checker.violations()) {
        check.texts.push_back(dram::describe(violation, channel));
      }
    }
    return check;
  }

 private:
  std::vector<dram::CommandChecker> checkers_;
};

}  // namespace

int check_command(const Words& words) {
  const Options options(
      {"strobe check PART COMMANDS [options]",
       "Shows the DRAM commands of a file, one a line as `strobe run PART ... --command-trace "
       "FILE`\n"
       "writes them, to an independent checker of the part's standard. - is standard input.\n"
       "Exit status 1 when a rule is broken.",
       {"PART", "COMMANDS"},
       {{"set", "KEY=VALUE", "as in the run that wrote them"}}},
      words);
  if (options.helped()) return 0;
  const device::TomlNode settings = device::overrides_of_part(options.text("set").value_or(""));
  const device::SourcedPart part =
      device::read_dram(options.word(0), {nullptr, nullptr, &settings});
  TraceCheck check(part.part);
  const std::string& name = options.word(1);
  if (name == trace::kStandardInput) {
    check.read(std::cin, "standard input");
  } else {
    std::ifstream file(name);
    if (!file) throw UserError({name}, "cannot be opened");
    check.read(file, name);
  }
  return report_check(check.result());
}

}  // namespace strobe::app
