// Results of sweeps survive being written, and shards only fit their own kind.

#include "sim/sweep/merge.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "sim/base/error.h"
#include "sim/report/seal.h"
#include "tests/support/catch.h"

using namespace strobe;
using namespace strobe::report;

namespace {

namespace fs = std::filesystem;

// Of four runs, one of them excluded.
Grid sample() {
  Grid grid;
  grid.attributes = {{"title", "sample"},
                     {"strobe_version", "0.1.0"},
                     {"strobe_program", "ab"},
                     {"command_line", "strobe sweep x"},
                     {"plan", "cd"}};
  grid.dimensions = {{{"l2", "1", "l2.capacity"}, {"l2"}, {2}, std::vector<std::string>{"a", "b"}},
                     {{"ways", "1", "l2.ways"}, {"ways"}, {2}, std::vector<std::int64_t>{8, 16}}};
  grid.coordinates = {{{"l2_value", "B", "l2.capacity"}, {"l2"}, {2}, std::vector<double>{1, 2}}};
  grid.inner = {{{"cause", "1", "cause"}, {"cause"}, {2}, std::vector<std::string>{"x", "y"}}};
  grid.columns = {{{"time", "s", "time"}}, {{"wait", "ps", "wait"}, "cause", 2}};
  grid.rows.resize(4);
  grid.rows[0] = {RunStatus::done, "", {1, 2, 3}};
  grid.rows[1] = {RunStatus::failed, "caf\xC3\xA9 burnt", {}};
  grid.rows[2] = {RunStatus::excluded, "", {}};
  grid.rows[3] = {RunStatus::done, "", {4, 5, 6}};
  grid.inputs = {{"x.toml", 12, "ef"}};
  return grid;
}

class Folder {
 public:
  Folder() : path_(fs::temp_directory_path() / ("strobe-merge-" + std::to_string(::getpid()))) {
    fs::create_directories(path_);
  }
  ~Folder() { fs::remove_all(path_); }

  std::string write(const char* name, const Grid& grid) const {
    write_grid(path_ / name, grid);
    return (path_ / name).string();
  }

 private:
  fs::path path_;
};

std::string bytes_of(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// The runs of one of two shards.
Grid shard(std::size_t number) {
  Grid grid = sample();
  for (std::size_t i = 0; i < grid.rows.size(); ++i) {
    const bool own = i % 2 == number - 1;
    if (!own && grid.rows[i].status != RunStatus::excluded) grid.rows[i] = {};
  }
  grid.attributes.push_back({"shard", std::to_string(number) + "/2"});
  return grid;
}

std::string refusal(const std::vector<std::string>& files) {
  try {
    sweep::merge_shards(files);
  } catch (const UserError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a grid that is read and written again is the same bytes", "[unit]") {
  const Folder folder;
  const std::string first = folder.write("a.h5", sample());
  const Grid read = read_grid(first);
  CHECK(read.rows[1].error == "caf\xC3\xA9 burnt");
  CHECK(read.rows[3].values == std::vector<double>{4, 5, 6});
  CHECK(bytes_of(folder.write("b.h5", read)) == bytes_of(first));
}

TEST_CASE("merged shards are the bytes of the whole, in any order", "[unit]") {
  const Folder folder;
  const std::string whole = folder.write("whole.h5", sample());
  const std::string one = folder.write("1.h5", shard(1)), two = folder.write("2.h5", shard(2));
  for (const auto& files : {std::vector{one, two}, std::vector{two, one, two}}) {
    CHECK(bytes_of(folder.write("m.h5", sweep::merge_shards(files))) == bytes_of(whole));
  }
}

TEST_CASE("shards that do not belong together are refused", "[unit]") {
  using Catch::Contains;
  const Folder folder;
  const std::string one = folder.write("1.h5", shard(1));
  CHECK_THAT(refusal({one}), Contains("2 runs are in none") && Contains("missing: 2 of 2"));
  struct Other {
    const char *attribute, *told;
  };
  for (const Other& other :
       {Other{"strobe_version", "another version"}, Other{"strobe_program", "another build"},
        Other{"plan", "another sweep"}}) {
    Grid grid = shard(2);
    for (StoredAttribute& each : grid.attributes) {
      if (each.name == other.attribute) each.value = std::string("other");
    }
    CHECK_THAT(refusal({one, folder.write("2.h5", grid)}), Contains(other.told));
  }
  Grid changed = shard(1);
  changed.rows[0].values[1] = 7;
  CHECK_THAT(refusal({one, folder.write("2.h5", changed)}), Contains("another result of run 0"));
}

TEST_CASE("a file with any bit turned over is refused", "[unit]") {
  const Folder folder;
  const std::string file = folder.write("a.h5", sample());
  const std::string bytes = bytes_of(file);
  for (std::size_t at = 0; at < bytes.size(); at += 97) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x20);
    std::ofstream(file, std::ios::binary) << damaged;
    CHECK_THROWS_AS(read_grid(file), UserError);
  }
  std::ofstream(file, std::ios::binary) << bytes.substr(0, bytes.size() / 2);
  CHECK_THROWS_AS(read_grid(file), UserError);
  std::ofstream(file, std::ios::binary) << "";
  CHECK_THROWS_AS(read_grid(file), UserError);
  CHECK_THROWS_AS(read_grid(file + ".none"), UserError);
}

TEST_CASE("a text that looks like a seal does not stand for it", "[unit]") {
  const Folder folder;
  Grid grid = sample();
  grid.attributes.push_back({"sweep", blank_seal() + " sha256:"});
  CHECK(read_grid(folder.write("a.h5", grid)).text("sweep") == blank_seal() + " sha256:");
}
