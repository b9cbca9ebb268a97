#include "sim/report/operation_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>

namespace strobe::report {
namespace {

// More lines than this are not read one by one: the longest are listed, the file has all.
constexpr std::size_t kListedAll = 40, kListedLongest = 20;

std::string rate_text(double per_second) {
  return per_second > 0 ? fmt::format("{:.2f}", per_second * 1e-12) : "";
}

std::string times_text(double times) {
  return fmt::format("{:.2f}", times);
}

// The largest share, named.
template <class Shares, class Names>
std::string most_of(const Shares& shares, const Names& names) {
  const auto most = std::ranges::max_element(shares);
  if (!(*most > 0)) return "";
  return std::string(names[static_cast<std::size_t>(most - shares.begin())].name);
}

bool is_digit(char character) {
  return std::isdigit(static_cast<unsigned char>(character)) != 0;
}

// With each number in place of its digits.
std::string without_numbers(const std::string& name) {
  std::string stem;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (!is_digit(name[i])) {
      stem += name[i];
    } else if (i == 0 || !is_digit(name[i - 1])) {
      stem += '*';
    }
  }
  return stem;
}

// The numbers that all names share stay: "decoder1.*.gate" of decoder1.0.gate and decoder1.1.gate.
std::string common_name(const std::string& pattern, const std::string& name) {
  std::string common;
  std::size_t i = 0, j = 0;
  while (i < pattern.size()) {
    const std::size_t end_i =
        pattern[i] == '*' ? i + 1 : pattern.find_first_not_of("0123456789", i);
    const std::size_t end_j = name.find_first_not_of("0123456789", j);
    const auto part = [](const std::string& text, std::size_t from, std::size_t end) {
      return text.substr(from, std::min(end, text.size()) - from);
    };
    if (!is_digit(name[j])) {
      common += name[j++];
      ++i;
      continue;
    }
    const std::string here = part(pattern, i, end_i);
    common += here == part(name, j, end_j) ? here : "*";
    i = std::min(end_i, pattern.size());
    j = std::min(end_j, name.size());
  }
  return common;
}

// Shares are of time, so they are weighted by it.
template <class Shares>
void add_shares(Shares& sum, double sum_time, const Shares& more, double more_time) {
  const double time = sum_time + more_time;
  for (std::size_t i = 0; i < sum.size(); ++i) {
    sum[i] = time > 0 ? (sum[i] * sum_time + more[i] * more_time) / time : 0;
  }
}

void add(OperationReport& sum, const OperationReport& more) {
  sum.name = common_name(sum.name, more.name);
  add_shares(sum.states, sum.resident, more.states, more.resident);
  add_shares(sum.causes, sum.resident, more.causes, more.resident);
  sum.launches += more.launches;
  sum.time += more.time;
  sum.launch_time += more.launch_time;
  sum.host_wait += more.host_wait;
  sum.spread = std::max(sum.spread, more.spread);
  sum.operations += more.operations;
  sum.least_bytes += more.least_bytes;
  sum.dram_read += more.dram_read;
  sum.dram_write += more.dram_write;
  sum.l2 += more.l2;
  sum.l1 += more.l1;
  sum.dram_energy += more.dram_energy;
  sum.energy += more.energy;
  sum.resident += more.resident;
}

Table::Row row_of(const OperationReport& row, double step) {
  return {row.name,
          row.launches > 1 ? std::to_string(row.launches) : "",
          time_text(row.total()),
          percent_text(row.total() / step),
          std::string(row.bound_by()),
          most_of(row.states, stats::kWarpStates),
          rate_text(row.operations / row.time),
          bytes_text(row.dram_read + row.dram_write),
          times_text((row.dram_read + row.dram_write) / row.least_bytes),
          bytes_text(row.l2)};
}

// Those that are listed, in their order.
std::vector<std::size_t> longest_of(const std::vector<OperationGroup>& groups) {
  std::vector<std::size_t> shown(groups.size());
  std::iota(shown.begin(), shown.end(), std::size_t{0});
  if (shown.size() <= kListedAll) return shown;
  std::ranges::stable_sort(shown, [&](std::size_t a, std::size_t b) {
    return groups[a].sum.total() > groups[b].sum.total();
  });
  shown.resize(kListedLongest);
  std::ranges::sort(shown);
  return shown;
}

}  // namespace

std::vector<OperationGroup> group_alike(std::span<const OperationReport> operations) {
  std::vector<OperationGroup> groups;
  std::map<std::tuple<std::string, std::string, std::string>, std::size_t> known;
  for (const OperationReport& operation : operations) {
    const auto [place, is_new] = known.try_emplace(
        {without_numbers(operation.name), operation.layer, operation.pass}, groups.size());
    if (is_new) {
      groups.push_back({operation, 1});
    } else {
      add(groups[place->second].sum, operation);
      ++groups[place->second].count;
    }
  }
  return groups;
}

std::string operations_text(const NetworkReport& report, const TextStyle& style) {
  const std::vector<OperationGroup> groups = group_alike(report.operations);
  const std::vector<std::size_t> shown = longest_of(groups);
  Table table({{"", "", "", "of", "bound", "mostly", "", "DRAM", "of", "L2"},
               {"layer", "runs", "time", "step", "by", "in", "TFLOP/s", "moved", "least", "moved"}},
              {18, Keep::end});
  std::string pass = "forward";
  double listed = 0;
  for (const std::size_t i : shown) {
    const OperationReport& sum = groups[i].sum;
    if (std::exchange(pass, sum.pass) != sum.pass)
      table.add({sum.pass + ":", {}, {}, {}, {}, {}, {}, {}, {}, {}});
    table.add(row_of(sum, report.step_time()));
    listed += sum.total();
  }
  std::string text = "\n" + table.text(style);
  if (shown.size() < groups.size()) {
    text += fmt::format("  (the {} longest of {} lines, {} of the step)\n", shown.size(),
                        groups.size(), percent_text(listed / report.step_time()));
  }
  return text;
}

}  // namespace strobe::report
