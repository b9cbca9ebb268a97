#include "sim/model/dram/command.h"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace strobe::dram {

namespace {

class Fields {
 public:
  explicit Fields(std::string_view line) : rest_(line) {}

  std::string_view next() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size()));
    const std::string_view field = rest_.substr(0, rest_.find(' '));
    rest_.remove_prefix(field.size());
    return field;
  }

  template <class Number>
  Number number() {
    const std::string_view field = next();
    Number value{};
    const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
    if (error != std::errc{} || end != field.data() + field.size()) valid_ = false;
    return value;
  }

  bool valid() { return valid_ && next().empty(); }

 private:
  std::string_view rest_;
  bool valid_ = true;
};

}  // namespace

void append_line(std::string& text, std::uint32_t channel, const IssuedCommand& command) {
  const auto number = [&text](std::int64_t value) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    text.append(digits, end).push_back(' ');
  };
  number(command.at.since_start().count());
  number(channel);
  number(command.pseudo_channel);
  text.append(kCommandNames[static_cast<std::size_t>(command.command)]).push_back(' ');
  number(command.bank_group);
  number(command.bank);
  number(command.row);
  number(command.column);
  text.back() = '\n';
}

std::optional<CommandLine> parse_line(std::string_view line) {
  Fields fields(line);
  CommandLine parsed;
  IssuedCommand& command = parsed.command;
  command.at = Instant(Picoseconds(fields.number<std::int64_t>()));
  parsed.channel = fields.number<std::uint32_t>();
  command.pseudo_channel = fields.number<std::uint8_t>();
  const std::optional<Command> name = named<Command>(kCommandNames, fields.next());
  command.bank_group = fields.number<std::uint8_t>();
  command.bank = fields.number<std::uint8_t>();
  command.row = fields.number<std::uint32_t>();
  command.column = fields.number<std::uint16_t>();
  if (!name || !fields.valid()) return std::nullopt;
  command.command = *name;
  return parsed;
}

}  // namespace strobe::dram
