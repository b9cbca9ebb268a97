// Real kernel traces, when they are there (../shared/traces/real, beside the project and not part
// of it): every count must be that of an independent counter, real_facts.csv.

#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "sim/trace/accelsim_writer.h"
#include "sim/trace/facts.h"
#include "sim/trace/kernel_list.h"
#include "tests/support/catch.h"
#include "tests/support/traces.h"

using namespace strobe;
using namespace strobe::test;
using namespace strobe::trace;

namespace {

const std::string kFolder = "../shared/traces/real/";

bool is_absent() {
  if (std::filesystem::exists(kFolder)) return false;
  std::cout << "skipped: no real traces at " << kFolder << "\n";
  return true;
}

struct Row {
  std::string file;
  std::vector<std::uint64_t> numbers;
};

std::vector<Row> stored_facts() {
  std::ifstream file("tests/golden/trace/real_facts.csv");
  std::vector<Row> rows;
  std::string line;
  while (std::getline(file, line)) {
    if (line[0] == '#' || line.substr(0, 5) == "file,") continue;
    std::istringstream cells(line);
    Row row;
    std::getline(cells, row.file, ',');
    for (std::string cell; std::getline(cells, cell, ',');) {
      row.numbers.push_back(std::stoull(cell));
    }
    rows.push_back(row);
  }
  return rows;
}

std::vector<std::uint64_t> numbers_of(const Counts& counts) {
  std::uint64_t requests = 0;
  for (const std::uint64_t kind : counts.requests) requests += kind;
  return {counts.ctas,
          counts.warps,
          counts.empty_warps,
          counts.warp_instructions,
          counts.thread_instructions,
          requests,
          counts.asked.load,
          counts.asked.store,
          counts.asked.atomic,
          counts.distinct.load,
          counts.distinct.store,
          counts.footprint_sectors};
}

}  // namespace

TEST_CASE("every real kernel has the counts of an independent counter", "[trace][golden]") {
  if (is_absent()) return;
  const std::vector<Row> rows = stored_facts();
  REQUIRE(rows.size() == 41);
  for (const Row& row : rows) {
    CAPTURE(row.file);
    const auto program = open_program(kFolder + row.file);
    program->check();
    const Facts facts = gather_facts(*program);
    CHECK(numbers_of(facts.kernels.at(0).counts) == row.numbers);
    CHECK(facts.warnings.empty());
  }
}

TEST_CASE("the load and store sectors of whole programs are the published ones",
          "[trace][golden]") {
  if (is_absent()) return;
  const auto asked = [](const char* name) {
    const Facts facts = gather_facts(*open_program(kFolder + name));
    return std::vector<std::uint64_t>{facts.total.asked.load, facts.total.asked.store};
  };
  CHECK(asked("vectoradd-sm80") == std::vector<std::uint64_t>{12500, 6250});
  CHECK(asked("flashinfer-decode-sm80") == std::vector<std::uint64_t>{99328, 1024});
  CHECK(asked("bfs-sm80") == std::vector<std::uint64_t>{72615, 18014});
}

TEST_CASE("a real trace that was cut off is refused where it ends", "[trace][golden]") {
  if (is_absent()) return;
  const auto program = open_program(kFolder + "damaged/truncated-sm70.traceg");
  const std::string expected =
      kFolder + "damaged/truncated-sm70.traceg:41165: the file ends in the middle of this line";
  CHECK(error_of([&] { program->check(); }) == expected);
  CHECK(error_of([&] { read_all(*program->open(0)); }) == expected);
}

TEST_CASE("real traces read back as the same instructions when they are written out",
          "[trace][golden]") {
  if (is_absent()) return;
  for (const char* name : {"vectoradd-sm80", "flashinfer-decode-sm80", "ffma-sm90"}) {
    CAPTURE(name);
    const ScratchFolder folder;
    const auto program = open_program(kFolder + name);
    write_accelsim(*program, folder.path());
    const auto written = open_program(folder.path());
    REQUIRE(written->steps().size() == program->steps().size());
    const std::size_t kernel = program->steps().size() - 1;
    const auto source = program->open(kernel), copy = written->open(kernel);
    Cta cta, again;
    while (source->next(cta)) {
      REQUIRE(copy->next(again));
      REQUIRE(again.index == cta.index);
      REQUIRE(again.warps == cta.warps);
      REQUIRE(again.addresses == cta.addresses);
      REQUIRE(again.instructions == cta.instructions);
    }
    CHECK_FALSE(copy->next(again));
  }
}

TEST_CASE("the committed traces have the counts their recipe promises", "[trace][golden]") {
  const Facts vectoradd = gather_facts(*open_program("traces/small/vectoradd"));
  CHECK(vectoradd.total.ctas == 64);
  CHECK(vectoradd.total.asked.load == 4096);
  CHECK(vectoradd.total.asked.store == 2048);
  CHECK(vectoradd.copied_bytes == 131072);
  const Facts copy = gather_facts(*open_program("traces/small/copy"));
  CHECK(copy.total.ctas == 16);
  CHECK(copy.total.asked.load == 8192);
  CHECK(copy.total.asked.store == 8192);
  CHECK(copy.copies == 0);
}
