// Goal: no mistake in a config file goes unnoticed, and each is reported with its file and line.
// Method: take a shipped file, break one line of it (leave it out, mistype its key, its value or
// its unit), and demand a UserError that begins with the file and a line number.

#include <random>
#include <regex>
#include <vector>

#include "sim/device/catalogue.h"
#include "sim/device/read_dram.h"
#include "sim/device/read_gpu.h"
#include "tests/support/catch.h"
#include "tests/support/edited_file.h"

using namespace strobe::device;
using strobe::test::TemporaryFile;
using strobe::test::text_of;
using strobe::test::user_error;

namespace {

struct Config {
  std::string path;
  bool is_gpu;
};

// Files that extend another have only optional keys; they are covered by what they extend.
std::vector<Config> shipped() {
  std::vector<Config> configs;
  for (const std::string& name : list_gpus()) configs.push_back({find_gpu(name), true});
  for (const std::string& name : list_parts()) configs.push_back({find_part(name), false});
  std::erase_if(configs, [](const Config& config) {
    return text_of(config.path).find("\nextends") != std::string::npos;
  });
  return configs;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t start = 0;
  for (std::size_t end; (end = text.find('\n', start)) != std::string::npos; start = end + 1) {
    lines.push_back(text.substr(start, end - start));
  }
  return lines;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

bool has_content(const std::string& line) {
  return !line.empty() && line[0] != '#';
}

std::string error_reading(const Config& config, const std::vector<std::string>& lines) {
  const TemporaryFile file("broken.toml", joined(lines));
  std::string message = user_error([&] {
    if (config.is_gpu) {
      read_gpu(file.path());
    } else {
      read_dram(file.path());
    }
  });
  if (message.starts_with(file.path())) message.replace(0, file.path().size(), "FILE");
  return message;
}

bool names_a_line(const std::string& message) {
  static const std::regex kPlace("FILE:[0-9]+.*", std::regex::extended);
  return std::regex_match(message, kPlace);
}

}  // namespace

TEST_CASE("a shipped config file without one of its lines is refused", "[device][property][long]") {
  for (const Config& config : shipped()) {
    const std::vector<std::string> lines = lines_of(text_of(config.path));
    REQUIRE(error_reading(config, lines) == "");
    for (std::size_t i = 0; i < lines.size(); ++i) {
      // A rule counts from the last command, a stack has one stack ID, copies to the host are as
      // fast as those to the device, shared memory returns a register a cycle, and a board idles
      // alike at every clock, unless they say otherwise; all other keys are required.
      const bool is_optional =
          lines[i].starts_with("window") || lines[i].starts_with("stack_ids") ||
          lines[i].starts_with("to_host_bandwidth") ||
          lines[i].starts_with("shared_pair_registers") || lines[i].starts_with("idle_slow");
      if (!has_content(lines[i]) || is_optional) continue;
      std::vector<std::string> broken = lines;
      broken.erase(broken.begin() + static_cast<std::ptrdiff_t>(i));
      const std::string message = error_reading(config, broken);
      CAPTURE(config.path, i + 1, lines[i], message);
      CHECK(names_a_line(message));
    }
  }
}

TEST_CASE("a shipped config file with a letter of a key replaced is refused",
          "[device][property]") {
  const std::uint32_t seed = GENERATE(range(1u, 21u));
  CAPTURE(seed);
  std::mt19937 random(seed);
  for (const Config& config : shipped()) {
    const std::vector<std::string> lines = lines_of(text_of(config.path));
    for (int attempt = 0; attempt < 5; ++attempt) {
      const std::size_t i = random() % lines.size();
      const std::size_t equals = lines[i].find(" = ");
      if (!has_content(lines[i]) || lines[i][0] == '[' || equals == std::string::npos) continue;
      std::vector<std::string> broken = lines;
      char& letter = broken[i][random() % equals];
      letter = letter == 'q' ? 'z' : 'q';
      const std::string message = error_reading(config, broken);
      CAPTURE(config.path, i + 1, broken[i], message);
      CHECK(names_a_line(message));
    }
  }
}

TEST_CASE("a quantity with another unit or none is refused wherever it stands",
          "[device][property]") {
  for (const Config& config : shipped()) {
    const std::vector<std::string> lines = lines_of(text_of(config.path));
    static const std::regex kQuantity("\"([0-9.]+) ([A-Za-z/]+)\"", std::regex::extended);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (!has_content(lines[i]) || !std::regex_search(lines[i], kQuantity)) continue;
      constexpr const char* kWrong[] = {"\"$1 parsec\"", "\"$1$2\"", "\"$1\"", "\"-$1 $2\"",
                                        "\"$2\""};
      // One of them a line: a key stands in many files, and not always in the same line.
      std::vector<std::string> broken = lines;
      broken[i] = std::regex_replace(lines[i], kQuantity, kWrong[i % std::size(kWrong)]);
      const std::string message = error_reading(config, broken);
      CAPTURE(config.path, i + 1, broken[i], message);
      CHECK(names_a_line(message));
    }
  }
}
