// Sweep files become plans, and what is wrong with one is said before anything runs.

#include "sim/sweep/plan.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <set>

#include "tests/support/catch.h"

using namespace strobe;
using namespace strobe::sweep;

namespace {

// The head of most sweeps here: lines 1 to 4.
const std::string kHead =
    "target = \"v100-pcie-32gb\"\n[[work]]\npattern = \"copy\"\nbytes = \"64 KiB\"\n";
const std::string kMemoryHead =
    "target = \"hbm2-2000\"\n[[work]]\npattern = \"random\"\nrequests = 100\n";

Plan plan_of(const std::string& text) {
  const auto path = std::filesystem::temp_directory_path() /
                    ("strobe-plan-" + std::to_string(::getpid()) + ".toml");
  std::ofstream(path) << text;
  return make_plan(read_sweep_file(path.string()));
}

// What is said of line `line` of the sweep.
std::string complaint(const std::string& text, int line) {
  try {
    plan_of(text);
  } catch (const UserError& error) {
    const std::string what = error.what(), place = ".toml:" + std::to_string(line) + ":";
    return what.find(place) == std::string::npos ? "at another place: " + what : what;
  }
  return "";
}

std::vector<std::string> labels(const Plan& plan) {
  std::vector<std::string> texts;
  for (const PlannedRun& run : plan.runs) texts.push_back(run.label);
  return texts;
}

const device::GpuSpec& gpu_of(const Plan& plan, std::size_t run) {
  return std::get<device::GpuSpec>(plan.devices[plan.runs[run].device]);
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("axes span a grid, the last one fastest", "[unit]") {
  const Plan plan = plan_of(kHead +
                            "[[axis]]\nkey = \"l2.ways\"\nvalues = [8, 16]\n"
                            "[[axis]]\nname = \"l2\"\nkey = \"l2.capacity\"\n"
                            "range = [\"96 KiB\", \"384 KiB\"]\nfactor = 2\n");
  CHECK(labels(plan) == Texts{"l2_ways=8 l2=96 KiB", "l2_ways=8 l2=192 KiB", "l2_ways=8 l2=384 KiB",
                              "l2_ways=16 l2=96 KiB", "l2_ways=16 l2=192 KiB",
                              "l2_ways=16 l2=384 KiB"});
  CHECK(gpu_of(plan, 4).l2.ways == 16);
  CHECK(gpu_of(plan, 4).l2.capacity == Bytes(192 * 1024));
  CHECK(plan.grid.dimensions.size() == 2);
}

TEST_CASE("axes along one dimension take their values in step", "[unit]") {
  const Plan plan = plan_of(kHead +
                            "[[axis]]\nname = \"channels\"\nkey = \"memory.channels\"\n"
                            "values = [16, 32]\nalong = \"board\"\n"
                            "[[axis]]\nname = \"slices\"\nkey = \"l2.slices\"\n"
                            "range = [32, 64]\nstep = 32\nalong = \"board\"\n");
  CHECK(labels(plan) == Texts{"channels=16 slices=32", "channels=32 slices=64"});
  CHECK(gpu_of(plan, 0).slices == 32);
  REQUIRE(plan.grid.dimensions.size() == 1);
  CHECK(std::get<Texts>(plan.grid.dimensions[0].values) == Texts{"16, 32", "32, 64"});
}

TEST_CASE("the axis that others go along names the places, and theirs may repeat", "[unit]") {
  const std::string text = kHead +
                           "[[axis]]\nname = \"memory\"\nkey = \"memory.part\"\n"
                           "values = [\"hbm2-1754\", \"hbm2-2000\", \"hbm2-2430\"]\n"
                           "[[axis]]\nname = \"channels\"\nkey = \"memory.channels\"\n"
                           "values = [32, 16, 32]\nalong = \"memory\"\n";
  const Plan plan = plan_of(text);
  REQUIRE(plan.grid.dimensions.size() == 1);
  CHECK(std::get<Texts>(plan.grid.dimensions[0].values) ==
        Texts{"hbm2-1754", "hbm2-2000", "hbm2-2430"});
  REQUIRE(plan.grid.coordinates.size() == 1);
  CHECK(plan.grid.coordinates[0].label.name == "channels");
  // Under a name of their own, two places that are the same in everything are a mistake.
  CHECK_THAT(complaint(kHead + "[[axis]]\nkey = \"l2.ways\"\nvalues = [8, 8]\nalong = \"both\"\n"
                               "[[axis]]\nkey = \"memory.channels\"\nvalues = [16, 16]\n"
                               "along = \"both\"\n",
                       9),
             Catch::Contains("'8, 16' is there twice along 'both'"));
}

TEST_CASE("derived values follow the axes and are coordinates too", "[unit]") {
  const Plan plan = plan_of(kHead +
                            "[[axis]]\nname = \"x\"\nvalues = [1, 2]\n"
                            "[derived]\nl2.capacity = \"96 KiB * x\"\nl2.ways = \"12 * x\"\n");
  CHECK(gpu_of(plan, 1).l2.capacity == Bytes(192 * 1024));
  CHECK(gpu_of(plan, 1).l2.ways == 24);
  const auto& coordinates = plan.grid.coordinates;
  REQUIRE(coordinates.size() == 3);
  CHECK(coordinates[0].label.name == "l2_capacity");
  CHECK(std::get<Texts>(coordinates[0].values) == Texts{"96 KiB", "192 KiB"});
  CHECK(coordinates[1].label.name == "l2_capacity_value");
  CHECK(std::get<std::vector<double>>(coordinates[1].values)[1] == 192 * 1024);
}

TEST_CASE("a layer is work, and its sizes are keys that axes can vary", "[unit]") {
  const std::string head = "target = \"v100-pcie-32gb\"\n[[work]]\nlayer = \"softmax cols=64\"\n";
  const Plan plan = plan_of(head + "[[axis]]\nkey = \"work.rows\"\nvalues = [32, 64, 640000]\n");
  REQUIRE(plan.runs.size() == 3);
  CHECK(std::get<LayerWork>(plan.runs[1].work).layer.rows == 64);
  CHECK(std::get<LayerWork>(plan.runs[1].work).layer.columns == 64);
  CHECK(plan.runs[0].hash != plan.runs[1].hash);
  // Many waves are sampled: ten thousand times the rows are no ten thousand times the work.
  CHECK(plan.runs[2].seconds > 2 * plan.runs[1].seconds);
  CHECK(plan.runs[2].seconds < 100 * plan.runs[1].seconds);
  const Plan exact = plan_of(head + "rows = 640000\nexact = true\n");
  CHECK(exact.runs[0].seconds > 10 * plan.runs[2].seconds);
}

TEST_CASE("what is wrong with a layer is said at its line", "[unit]") {
  const std::string head = "target = \"v100-pcie-32gb\"\n[[work]]\n";
  CHECK_THAT(complaint(head + "layer = \"softmax cols=64\"\n", 3), Catch::Contains("rows"));
  CHECK_THAT(complaint(head + "layer = \"softmacks rows=1 cols=64\"\n", 3),
             Catch::Contains("softmacks"));
  CHECK_THAT(complaint(head + "layer = \"softmax cols=64\"\nrows = true\n", 4),
             Catch::Contains("'work[0].rows' must be a number or a text"));
  CHECK_THAT(complaint(head + "layer = \"add rows=1 cols=1\"\npattern = \"copy\"\n", 2),
             Catch::Contains("one of trace, pattern, layer and network"));
  CHECK_THAT(complaint("target = \"hbm2-2000\"\n[[work]]\nlayer = \"add rows=1 cols=1\"\n", 3),
             Catch::Contains("on a GPU only"));
}

TEST_CASE("a network is work, and what predict takes as options axes can vary", "[unit]") {
  const std::string head =
      "target = \"v100-pcie-32gb\"\n[[work]]\nnetwork = \"mlp\"\ntrain = true\n"
      "optimiser = \"adam\"\noptimiser_launches = \"tensor\"\nhost_interval = \"8 us\"\n";
  const Plan plan = plan_of(head + "[[axis]]\nkey = \"work.batch\"\nvalues = [1, 512]\n");
  REQUIRE(plan.runs.size() == 2);
  const networks::StepOptions& step = std::get<NetworkWork>(plan.runs[1].work).step;
  CHECK(step.batch == 512);
  CHECK(step.training);
  CHECK(step.optimiser == networks::Optimiser::adam);
  CHECK(step.updates_by_tensor);
  CHECK(step.host_interval == 8_us);
  CHECK(plan.runs[0].hash != plan.runs[1].hash);
  CHECK(plan.runs[1].seconds > plan.runs[0].seconds);
  const Plan decoding = plan_of(
      "target = \"v100-pcie-16gb\"\n[[work]]\nnetwork = \"llama-3.1-70b\"\ndtype = \"fp16\"\n"
      "phase = \"decode\"\n[[axis]]\nkey = \"work.context\"\nvalues = [100, 200]\n");
  const auto& work = std::get<NetworkWork>(decoding.runs[1].work);
  CHECK(work.sequence.tokens == 1);
  CHECK(work.sequence.context == 200);
  CHECK(work.step.type == layers::DataType::fp16);
  // It does not fit: its run will say so at once, and the plan goes on.
  CHECK(decoding.runs[0].seconds < 0.1);
}

TEST_CASE("a sweep has the columns of steps when one of its works is a network", "[unit]") {
  const auto has_steps = [](const Plan& plan) {
    const auto name = [](const report::GridColumn& column) { return column.label.name; };
    return std::ranges::find(plan.grid.columns, "step_time", name) != plan.grid.columns.end();
  };
  CHECK_FALSE(has_steps(plan_of(kHead)));
  CHECK(has_steps(plan_of(kHead + "[[work]]\nnetwork = \"mlp\"\n")));
}

TEST_CASE("a run of a network depends on what is in the network's file", "[unit]") {
  const std::string name = "strobe-network-" + std::to_string(::getpid()) + ".toml";
  const auto file = std::filesystem::temp_directory_path() / name;
  const auto hash_with = [&](const std::string& features) {
    std::ofstream(file) << "[network]\ninput = [8]\n[[layer]]\nop = \"linear\"\nout = " << features
                        << "\n";
    return plan_of("target = \"v100-pcie-32gb\"\n[[work]]\nnetwork = \"" + name + "\"\n")
        .runs[0]
        .hash;
  };
  const std::string first = hash_with("8");
  CHECK(hash_with("16") != first);
  CHECK(hash_with("8") == first);
  std::filesystem::remove(file);
}

TEST_CASE("what is wrong with a network is said at its line", "[unit]") {
  const std::string head = "target = \"v100-pcie-32gb\"\n[[work]]\n";
  const auto of = [&](const std::string& line) {
    return complaint(head + "network = \"mlp\"\n" + line + "\n", 4);
  };
  CHECK_THAT(complaint(head + "network = \"mlpp\"\n", 3), Catch::Contains("mlp"));
  CHECK_THAT(of("bach = 4"), Catch::Contains("did you mean batch"));
  CHECK_THAT(of("batch = 0"), Catch::Contains("must be 1 to"));
  CHECK_THAT(of("train = 1"), Catch::Contains("must be true or false"));
  CHECK_THAT(of("optimiser = \"adamw\""), Catch::Contains("none of sgd, momentum, adam"));
  CHECK_THAT(of("optimiser_launches = \"each\""), Catch::Contains("neither fused nor tensor"));
  CHECK_THAT(of("host_interval = \"8 MHz\""), Catch::Contains("has the unit 'MHz'"));
  CHECK_THAT(of("dtype = \"fp31\""), Catch::Contains("not a known type"));
  CHECK_THAT(of("weights = \"q5\""), Catch::Contains("none of fp32"));
  CHECK_THAT(of("phase = \"pause\""), Catch::Contains("neither decode nor prefill"));
  CHECK_THAT(complaint(head + "network = \"mlp\"\ncontext = 7\n", 2),
             Catch::Contains("there is no context"));
  CHECK_THAT(complaint("target = \"hbm2-2000\"\n[[work]]\nnetwork = \"mlp\"\n", 3),
             Catch::Contains("on a GPU only"));
}

TEST_CASE("a derived value that is refused is told by its run", "[unit]") {
  CHECK_THAT(complaint(kHead + "[[axis]]\nname = \"x\"\nvalues = [3, 4]\n"
                               "[derived]\nl2.capacity = \"32 KiB * x\"\n",
                       9),
             Catch::Contains("whole number of sets") && Catch::Contains(", with x=4"));
}

TEST_CASE("what a filter excludes is neither run nor read", "[unit]") {
  // 24 channels have no 64 slices, and nobody minds.
  const Plan plan = plan_of("where = [\"channels != 24\"]\n" + kHead +
                            "[[axis]]\nname = \"channels\"\nkey = \"memory.channels\"\n"
                            "values = [16, 24, 32]\n");
  CHECK(labels(plan) == Texts{"channels=16", "channels=32"});
  CHECK(plan.grid.rows[1].status == report::RunStatus::excluded);
  CHECK(plan.grid.rows[2].status == report::RunStatus::missing);
}

TEST_CASE("a run's hash changes with what it depends on and with nothing else", "[unit]") {
  const std::string axis = "[[axis]]\nkey = \"l2.ways\"\nvalues = [8, 16]\n";
  const Plan plan = plan_of(kHead + axis);
  CHECK(plan.runs[0].hash != plan.runs[1].hash);
  // Written otherwise, in another order, under another name: the same run.
  const Plan other = plan_of("title = \"other\"\n" + kHead +
                             "name = \"mine\"\n[[axis]]\nname = \"w\"\nkey = \"l2.ways\"\n"
                             "values = [32, 16]\n");
  CHECK(other.runs[1].hash == plan.runs[1].hash);
  const Plan larger = plan_of(kHead + axis + "[set]\nwork.bytes = \"128 KiB\"\n");
  CHECK(larger.runs[0].hash != plan.runs[0].hash);
  const Plan slower = plan_of(kHead + axis + "[set]\nmemory.part.timing.tRCDRD = \"20 ns\"\n");
  CHECK(slower.runs[0].hash != plan.runs[0].hash);
}

TEST_CASE("seeds repeat what is random, each with its own", "[unit]") {
  const Plan plan = plan_of("seeds = 3\n" + kMemoryHead);
  CHECK(labels(plan) == Texts{"seed=1", "seed=2", "seed=3"});
  const auto& recipe = std::get<trace::RequestRecipe>(std::get<Requests>(plan.runs[2].work).input);
  CHECK(recipe.seed() == 3);
  CHECK(std::set{plan.runs[0].hash, plan.runs[1].hash, plan.runs[2].hash}.size() == 3);
  CHECK_THAT(complaint("seeds = 3\n" + kHead, 3),
             Catch::Contains("nothing in this work is random"));
}

TEST_CASE("a work's keys can be swept, and a part's", "[unit]") {
  const Plan plan = plan_of(kMemoryHead +
                            "[[axis]]\nname = \"load\"\nkey = \"work.load\"\n"
                            "values = [\"10 GB/s\", \"20 GB/s\"]\n"
                            "[set]\ntiming.tRCDRD = \"20 ns\"\n");
  CHECK(std::get<Requests>(plan.runs[1].work).load == BytesPerSecond(20'000'000'000));
  CHECK(std::get<dram::PartSpec>(plan.devices[0]).name == "hbm2-2000");
}

TEST_CASE("mistakes are reported at the line of the sweep", "[unit]") {
  using Catch::Contains;
  const auto axis = [](const std::string& lines) { return kHead + "[[axis]]\n" + lines; };
  const auto of = [&](const std::string& lines, int line) { return complaint(axis(lines), line); };
  CHECK_THAT(of("key = \"l2.way\"\nvalues = [8]\n", 7),
             Contains("did you mean l2.ways") || Contains("did you mean ways"));
  CHECK_THAT(of("key = \"l2.capacity\"\nvalues = [\"96 MHz\"]\n", 7),
             Contains("has the unit 'MHz'"));
  CHECK_THAT(of("key = \"l2.ways\"\nvalues = [\"8\"]\n", 7), Contains("must be an integer"));
  CHECK_THAT(of("key = \"memory.part.timing.tRC\"\nvalues = [\"1 ns\"]\n", 7), Contains("tRC"));
  CHECK_THAT(of("key = \"memory.channels\"\nvalues = [24]\n", 7),
             Contains("with memory_channels=24: ") && Contains("memory.capacity"));
  CHECK_THAT(of("key = \"memory.part\"\nvalues = [\"hbm2-1754\", \"hbm9\"]\n", 7),
             Contains("hbm9"));
  CHECK_THAT(of("key = \"work.byte\"\nvalues = [\"1 KiB\"]\n", 7), Contains("did you mean bytes"));
  CHECK_THAT(of("name = \"time\"\nvalues = [1]\n", 5), Contains("what a result is called"));
  CHECK_THAT(of("name = \"a b\"\nvalues = [1]\n", 5), Contains("is no name"));
  CHECK_THAT(of("name = \"x\"\nvalue = [1]\n", 7), Contains("unknown key"));
  CHECK_THAT(of("name = \"x\"\nvalues = []\n", 7), Contains("list of values"));
  CHECK_THAT(of("name = \"x\"\nvalues = [1, 1]\n", 7), Contains("twice"));
  CHECK_THAT(of("name = \"x\"\nrange = [1, 8]\n", 7), Contains("a step or a factor"));
  CHECK_THAT(of("name = \"x\"\nrange = [1, 8]\nstep = 0\n", 8), Contains("leads nowhere"));
  CHECK_THAT(of("name = \"x\"\nrange = [1, 8]\nfactor = 1\n", 8), Contains("leads nowhere"));
  CHECK_THAT(of("name = \"x\"\nrange = [\"1 B\", \"8 B\"]\nstep = 1\n", 8), Contains("units"));
  CHECK_THAT(of("name = \"x\"\nrange = [1, 2]\nstep = 1\n[derived]\nl2.ways = \"8 * y\"\n", 9),
             Contains("no axis is called that"));
  CHECK_THAT(complaint("where = \"z > 1\"\n" + kHead, 1), Contains("'z'"));
  CHECK_THAT(complaint("where = \"1 > 2\"\n" + kHead, 1), Contains("excludes every run"));
  CHECK_THAT(complaint("target = \"v10\"\n[[work]]\npattern = \"copy\"\n", 1), Contains("no GPU"));
  CHECK_THAT(complaint("target = [\"hbm2-2000\", \"gb10\"]\n[[work]]\npattern = \"copy\"\n", 1),
             Contains("names both"));
  CHECK_THAT(complaint("target = \"gb10\"\n[[work]]\ntrace = \"no-such\"\n", 2),
             Contains("no-such"));
  CHECK_THAT(complaint("target = \"gb10\"\n", 1), Contains("missing key 'work'"));
  CHECK_THAT(complaint(kHead + "[set]\nl2.ways = 8\n[derived]\nl2.ways = \"8\"\n", 8),
             Contains("set twice"));
}

TEST_CASE("shards are disjoint, cover everything and cost about the same", "[unit]") {
  const Plan plan = plan_of(kHead +
                            "[[axis]]\nname = \"bytes\"\nkey = \"work.bytes\"\n"
                            "range = [\"64 KiB\", \"1 MiB\"]\nstep = \"64 KiB\"\n"
                            "[[axis]]\nkey = \"l2.ways\"\nvalues = [8, 16, 32]\n");
  const std::vector<std::size_t> shards = shard_of_runs(plan, 4);
  std::vector<double> cost(4, 0);
  for (std::size_t i = 0; i < shards.size(); ++i) cost.at(shards[i]) += plan.runs[i].seconds;
  const auto [least, most] = std::minmax_element(cost.begin(), cost.end());
  CHECK(*most / *least < 1.1);
  CHECK(shard_of_runs(plan, 4) == shards);
}
