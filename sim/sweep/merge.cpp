#include "sim/sweep/merge.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <set>
#include <utility>

#include "sim/base/error.h"

namespace strobe::sweep {
namespace {

using report::Grid;
using report::GridRow;
using report::RunStatus;

void require_same(const Grid& first, const Grid& other, const std::string& first_file,
                  const std::string& file) {
  struct What {
    const char *attribute, *text;
  };
  for (const What& what : {What{"strobe_version", "another version of strobe"},
                           What{"strobe_program", "another build of strobe"},
                           What{"plan", "another sweep, other inputs or another configuration"}}) {
    if (first.text(what.attribute) != other.text(what.attribute)) {
      throw UserError({file}, fmt::format("is of {} than {}", what.text, first_file));
    }
  }
  if (first.rows.size() != other.rows.size() || first.columns != other.columns) {
    throw UserError({file}, "has other variables than " + first_file);
  }
}

bool equal(const GridRow& a, const GridRow& b) {
  const auto bits = [](double value) { return std::bit_cast<std::uint64_t>(value); };
  return a.status == b.status && a.error == b.error &&
         std::ranges::equal(a.values, b.values, {}, bits, bits);
}

void take_rows(Grid& merged, const Grid& shard, const std::string& file) {
  for (std::size_t i = 0; i < merged.rows.size(); ++i) {
    GridRow& row = merged.rows[i];
    const GridRow& other = shard.rows[i];
    if (row.status == RunStatus::missing) {
      row = other;
    } else if (other.status != RunStatus::missing && !equal(row, other)) {
      throw UserError({file},
                      fmt::format("has another result of run {} than a shard before it", i));
    }
  }
}

// "2 and 5 of 8", of what the files say they are.
std::string missing_shards(const std::vector<std::string>& shards) {
  std::set<std::string> there(shards.begin(), shards.end());
  const std::size_t slash = shards.front().find('/');
  if (slash == std::string::npos) return "unknown";
  const std::string of = shards.front().substr(slash + 1);
  std::string missing;
  const int count = std::atoi(of.c_str());
  for (int number = 1; number <= count; ++number) {
    if (there.contains(fmt::format("{}/{}", number, of))) continue;
    missing += (missing.empty() ? "" : ", ") + std::to_string(number);
  }
  return (missing.empty() ? "none" : missing) + " of " + of;
}

}  // namespace

Grid merge_shards(const std::vector<std::string>& files) {
  Grid merged;
  std::vector<std::string> shards;
  for (const std::string& file : files) {
    Grid shard = report::read_grid(file);
    shards.push_back(shard.text("shard"));
    std::erase_if(shard.attributes, [](const auto& each) { return each.name == "shard"; });
    if (shards.size() == 1) {
      merged = std::move(shard);
      continue;
    }
    require_same(merged, shard, files.front(), file);
    take_rows(merged, shard, file);
  }
  const auto missing = std::ranges::count(merged.rows, RunStatus::missing, &GridRow::status);
  if (missing > 0) {
    throw UserError(fmt::format("{} runs are in none of the files; shards that are missing: {}",
                                missing, missing_shards(shards)));
  }
  return merged;
}

}  // namespace strobe::sweep
