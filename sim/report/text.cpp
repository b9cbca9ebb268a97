#include "sim/report/text.h"

#include <cxxabi.h>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <numeric>

namespace strobe::report {
namespace {

constexpr std::size_t kNarrowest = 60, kWidest = 120;  // wider lines are hard to follow
constexpr std::size_t kShortestBar = 8;
constexpr std::size_t kLongestBar = 30;

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view{} : value;
}

bool locale_is_utf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string_view value = environment(name);
    if (value.empty()) continue;  // the first that is set decides
    return value.find("UTF-8") != value.npos || value.find("utf8") != value.npos;
  }
  return false;
}

std::size_t width_of(int descriptor) {
  const std::string columns(environment("COLUMNS"));
  if (const unsigned long stated = std::strtoul(columns.c_str(), nullptr, 10); stated > 0) {
    return stated;
  }
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return TextStyle{}.width;
}

struct Scale {
  double factor;
  std::string_view unit;
};

// `value` in the largest unit in which it is at least 1, or else the smallest; largest first. What
// is below 0 is written as what is above, with its sign.
std::string scaled(double value, std::span<const Scale> scales) {
  if (std::isnan(value)) return "-";
  if (value == 0) return fmt::format("0 {}", scales.back().unit);
  const double size = std::abs(value);
  const auto fits = std::find_if(scales.begin(), scales.end(),
                                 [size](const Scale& s) { return size >= 0.99995 * s.factor; });
  const Scale& scale = fits == scales.end() ? scales.back() : *fits;
  const double number = size / scale.factor;
  const int decimals = number < 9.9995 ? 3 : number < 99.995 ? 2 : number < 999.95 ? 1 : 0;
  return fmt::format("{}{:.{}f} {}", value < 0 ? "-" : "", number, decimals, scale.unit);
}

std::string demangled(const std::string& name) {
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> text(
      abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status), std::free);
  return status == 0 ? text.get() : name;
}

// Cuts the argument list off "void reduce<float, (Op)2>(float*, int)": the parenthesis that is
// outside all angle brackets.
std::string without_arguments(const std::string& name) {
  int depth = 0;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] == '<') ++depth;
    if (name[i] == '>') --depth;
    if (name[i] == '(' && depth == 0 && i > 0) return name.substr(0, i);
  }
  return name;
}

std::string cut(const std::string& text, std::size_t width, Keep keep = Keep::start) {
  if (text.size() <= width) return text;
  if (keep == Keep::end) return ".." + text.substr(text.size() - (width - 2));
  return text.substr(0, width - 2) + "..";
}

std::string dim(std::string_view text, const TextStyle& style) {
  return style.colour ? fmt::format("\033[2m{}\033[0m", text) : std::string(text);
}

// Eighths of a character where the locale has block elements.
std::string bar(double share, std::size_t longest, const TextStyle& style) {
  constexpr std::array<std::string_view, 8> kEighths{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const double length = share * static_cast<double>(longest);
  auto whole = static_cast<std::size_t>(length);
  std::string text;
  if (!style.unicode) {
    whole = static_cast<std::size_t>(std::lround(length));
    text.append(whole, '#');
  } else {
    for (std::size_t i = 0; i < whole; ++i) text += "█";
    const auto eighths = static_cast<std::size_t>((length - static_cast<double>(whole)) * 8);
    text += kEighths[eighths];
    whole += eighths > 0 ? 1 : 0;
  }
  if (style.colour) text = fmt::format("\033[36m{}\033[0m", text);
  return text.append(longest - whole, ' ');
}

}  // namespace

TextStyle style_of(int descriptor) {
  TextStyle style;
  style.width = std::clamp(width_of(descriptor), kNarrowest, kWidest);
  style.colour = ::isatty(descriptor) != 0 && environment("NO_COLOR").empty();
  style.unicode = locale_is_utf8();
  return style;
}

std::string time_text(double seconds) {
  constexpr std::array<Scale, 5> kScales{
      {{1, "s"}, {1e-3, "ms"}, {1e-6, "us"}, {1e-9, "ns"}, {1e-12, "ps"}}};
  return scaled(seconds, kScales);
}

std::string bandwidth_text(double bytes_per_second) {
  constexpr std::array<Scale, 4> kScales{
      {{1e12, "TB/s"}, {1e9, "GB/s"}, {1e6, "MB/s"}, {1e3, "kB/s"}}};
  return scaled(bytes_per_second, kScales);
}

std::string bytes_text(double bytes) {
  constexpr std::array<Scale, 3> kScales{
      {{1024.0 * 1024 * 1024, "GiB"}, {1024.0 * 1024, "MiB"}, {1024, "KiB"}}};
  return bytes < 1024 ? fmt::format("{:.0f} B", bytes) : scaled(bytes, kScales);
}

std::string energy_text(double joules) {
  constexpr std::array<Scale, 5> kScales{
      {{1, "J"}, {1e-3, "mJ"}, {1e-6, "uJ"}, {1e-9, "nJ"}, {1e-12, "pJ"}}};
  return scaled(joules, kScales);
}

std::string power_text(double watts) {
  constexpr std::array<Scale, 3> kScales{{{1, "W"}, {1e-3, "mW"}, {1e-6, "uW"}}};
  return scaled(watts, kScales);
}

std::string percent_text(double share) {
  return std::isnan(share) ? "-" : fmt::format("{:.1f} %", share * 100);
}

std::string count_text(std::uint64_t count) {
  std::string text = std::to_string(count);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, 1, ',');
  return text;
}

std::string frequency_text(Kilohertz frequency) {
  return scaled(static_cast<double>(frequency.count()),
                std::array<Scale, 2>{{{1e6, "GHz"}, {1e3, "MHz"}}});
}

std::string kernel_text(std::string_view name) {
  std::string text(name);
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c >= 0x7F; }, '?');
  text = without_arguments(demangled(text));
  if (text.starts_with("void ")) text.erase(0, 5);
  return text;
}

std::string heading(std::string_view text, const TextStyle& style) {
  return style.colour ? fmt::format("\033[1m{}\033[0m\n", text) : fmt::format("{}\n", text);
}

std::string Table::text(const TextStyle& style) const {
  constexpr std::size_t kGap = 2;
  std::vector<std::size_t> widths(rows_.front().size());
  for (const Row& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  const std::size_t others =
      std::accumulate(widths.begin() + 1, widths.end(), kGap * widths.size());
  const std::size_t room = style.width - std::min(others, style.width);
  widths[0] = std::min(widths[0], std::max(first_.at_least, room));

  std::string text;
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    std::string line = fmt::format("  {:<{}}", cut(rows_[r][0], widths[0], first_.keep), widths[0]);
    for (std::size_t i = 1; i < rows_[r].size(); ++i) {
      line += fmt::format("  {:>{}}", rows_[r][i], widths[i]);
    }
    text += (r < title_rows_ ? dim(line, style) : line) + "\n";
  }
  return text;
}

std::string bars(std::span<const Bar> all, const TextStyle& style, BarOrder order) {
  std::vector<Bar> shown;
  std::size_t name_width = 0;
  for (const Bar& each : all) {
    if (each.amount == 0) continue;
    shown.push_back(each);
    name_width = std::max(name_width, each.name.size());
  }
  if (order == BarOrder::largest_first) {
    std::stable_sort(shown.begin(), shown.end(),
                     [](const Bar& a, const Bar& b) { return a.amount > b.amount; });
  }
  std::vector<std::int64_t> amounts;
  for (const Bar& each : shown) amounts.push_back(each.amount);
  const std::vector<std::int64_t> shares = thousandths(amounts);

  // The meaning is worth more than a long bar, but goes when there is no room for it at all.
  std::size_t longest_meaning = 0;
  for (const Bar& each : shown) longest_meaning = std::max(longest_meaning, each.meaning.size());
  const std::size_t fixed = 2 + name_width + 2 + 1 + 7 + 2;
  const std::size_t taken = fixed + longest_meaning;
  const std::size_t longest = std::min(kLongestBar, style.width / 4);
  const std::size_t room = style.width > taken ? style.width - taken : 0;
  const std::size_t bar_width = std::clamp(room, std::min(kShortestBar, longest), longest);
  const std::size_t before = fixed + bar_width;
  std::string text;
  for (std::size_t i = 0; i < shown.size(); ++i) {
    const auto share = static_cast<double>(shares[i]) / 1000;
    const std::string_view meaning = shown[i].meaning;
    text += fmt::format("  {:<{}}  {} {:>7}", shown[i].name, name_width,
                        bar(share, bar_width, style), percent_text(share));
    if (before + 10 < style.width) {
      text += "  " + dim(cut(std::string(meaning), style.width - before), style);
    }
    text += '\n';
  }
  return text;
}

std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  while (text.size() > width) {
    std::size_t end = text.rfind(' ', width);
    if (end == text.npos) end = text.find(' ', width);
    if (end == text.npos) break;
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  lines.emplace_back(text);
  return lines;
}

std::vector<std::int64_t> thousandths(std::span<const std::int64_t> amounts) {
  const auto whole = std::accumulate(amounts.begin(), amounts.end(), 0.0);
  std::vector<std::int64_t> parts(amounts.size());
  if (!(whole > 0)) return parts;
  std::vector<double> lost(amounts.size());
  for (std::size_t i = 0; i < amounts.size(); ++i) {
    const double exact = 1000 * static_cast<double>(amounts[i]) / whole;
    parts[i] = static_cast<std::int64_t>(exact);
    lost[i] = exact - static_cast<double>(parts[i]);
  }
  // What rounding down lost goes to those that lost most.
  std::vector<std::size_t> order(amounts.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return lost[a] > lost[b]; });
  std::int64_t left = 1000 - std::accumulate(parts.begin(), parts.end(), std::int64_t{0});
  for (std::size_t i = 0; left > 0; --left) ++parts[order[i++ % order.size()]];
  return parts;
}

}  // namespace strobe::report
