#include "sim/app/options.h"

#include <boost/program_options.hpp>
#include <charconv>
#include <iostream>
#include <limits>

#include "sim/base/error.h"
#include "sim/device/quantity_text.h"

namespace strobe::app {

namespace po = boost::program_options;

namespace {

constexpr const char* kWords = "words";

std::string long_name(const OptionSpec& option) {
  return option.name.substr(0, option.name.find(','));
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

po::options_description describe(const Syntax& syntax) {
  po::options_description visible("Options", 100);
  for (const OptionSpec& option : syntax.options) {
    if (option.value_name.empty()) {
      visible.add_options()(option.name.c_str(), option.help.c_str());
    } else {
      auto* value = po::value<std::string>()->value_name(option.value_name);
      visible.add_options()(option.name.c_str(), value, option.help.c_str());
    }
  }
  visible.add_options()("help,h", "print this and stop");
  return visible;
}

}  // namespace

Options::Options(const Syntax& syntax, const Words& words) {
  const po::options_description visible = describe(syntax);
  po::options_description all;
  all.add(visible).add_options()(kWords, po::value<std::vector<std::string>>());
  po::positional_options_description positional;
  positional.add(kWords, -1);
  po::variables_map map;
  try {
    po::store(po::command_line_parser(words).options(all).positional(positional).run(), map);
  } catch (const po::error& error) {
    throw UserError(std::string(error.what()) + "\nusage: " + syntax.usage);
  }
  if (map.count("help") != 0) {
    std::cout << "usage: " << syntax.usage << "\n\n" << syntax.purpose << "\n\n" << visible;
    helped_ = true;
    return;
  }

  if (map.count(kWords) != 0) words_ = map[kWords].as<std::vector<std::string>>();
  if (words_.size() + syntax.optional_words < syntax.words.size()) {
    throw UserError("missing " + syntax.words[words_.size()] + "\nusage: " + syntax.usage);
  }
  if (words_.size() > syntax.words.size() && !syntax.last_word_repeats) {
    throw UserError("unexpected '" + words_[syntax.words.size()] + "'\nusage: " + syntax.usage);
  }
  for (const OptionSpec& option : syntax.options) {
    const std::string name = long_name(option);
    if (map.count(name) == 0) continue;
    given_.push_back({name, option.value_name.empty() ? "" : map[name].as<std::string>()});
  }
}

std::optional<std::string> Options::text(const std::string& name) const {
  for (const Given& given : given_) {
    if (given.name == name) return given.value;
  }
  return std::nullopt;
}

std::int64_t Options::number(const std::string& name, std::int64_t otherwise,
                             std::int64_t least) const {
  const std::optional<std::string> given = text(name);
  if (!given) return otherwise;
  const std::optional<std::int64_t> value = whole_number(*given);
  if (!value || *value < least) {
    throw UserError("--" + name + " must be a whole number of at least " + std::to_string(least) +
                    ", not '" + *given + "'");
  }
  return *value;
}

std::uint64_t Options::bytes(const std::string& name, std::uint64_t otherwise) const {
  const std::optional<std::string> given = text(name);
  if (!given) return otherwise;
  constexpr std::string_view kUnits = "KMG";
  std::string_view digits = *given;
  std::uint64_t unit = 1;
  const std::size_t power = digits.empty() ? std::string_view::npos : kUnits.find(digits.back());
  if (power != std::string_view::npos) {
    unit = std::uint64_t{1} << (10 * (power + 1));
    digits.remove_suffix(1);
  }
  const std::optional<std::int64_t> value = whole_number(digits);
  const auto most = std::numeric_limits<std::int64_t>::max() / static_cast<std::int64_t>(unit);
  if (!value || *value <= 0 || *value > most) {
    throw UserError("--" + name + " must be a size such as 4096, 64K or 8M, not '" + *given + "'");
  }
  return static_cast<std::uint64_t>(*value) * unit;
}

std::optional<BytesPerSecond> Options::bandwidth(const std::string& name) const {
  const std::optional<std::string> given = text(name);
  if (!given) return std::nullopt;
  std::string spaced = *given;  // a shell splits words at spaces: 100GB/s is easier to write
  const std::size_t unit = spaced.find_first_not_of("0123456789.");
  if (unit != std::string::npos && spaced[unit] != ' ') spaced.insert(unit, " ");
  const device::ParsedQuantity parsed =
      device::parse_quantity(spaced, device::Dimension::bandwidth);
  constexpr std::int64_t kLeast = 1'000'000;  // less would outlast the 64 bits of simulated time
  if (!parsed.problem.empty() || parsed.count < kLeast) {
    throw UserError("--" + name + " must be a bandwidth of at least 1 MB/s such as 100GB/s, not '" +
                    *given + "'");
  }
  return BytesPerSecond(parsed.count);
}

}  // namespace strobe::app
