#include "sim/run/power_suite.h"

#include <array>
#include <charconv>
#include <fstream>
#include <mutex>
#include <sstream>

#include "sim/base/error.h"
#include "sim/device/read_gpu.h"
#include "sim/kernel/executor.h"
#include "sim/layers/layer_text.h"
#include "sim/layers/lower.h"
#include "sim/run/network_choice.h"
#include "sim/run/network_run.h"

namespace strobe::run {
namespace {

constexpr double kTolerance = 0.15;

// A line of the table.
struct PowerRow {
  std::string gpu, work;
  PowerLimit limit;
  double watts = 0;
  bool marked = false;
  std::string source;
  Place place;

  // The second word of a layer is a size, that of a network says what is done.
  bool is_layer() const {
    const std::size_t second = work.find(' ');
    const std::size_t end = work.find(' ', second + 1);
    return work.substr(second, end - second).find('=') != std::string::npos;
  }
};

double number_in(const std::string& text, const Place& place) {
  double number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc{} || !(number > 0)) throw UserError(place, "'" + text + "' watts");
  return number;
}

// gpu,work,power_limit_w,power_w,deviates,source: the last one has the commas that are left.
PowerRow row_in(const std::string& line, const Place& place) {
  std::array<std::string, 6> fields;
  std::istringstream text(line);
  for (std::size_t i = 0; i + 1 < fields.size(); ++i) std::getline(text, fields[i], ',');
  std::getline(text, fields.back());
  if (fields.back().empty() || (fields[4] != "yes" && fields[4] != "no")) {
    throw UserError(place, "is no line of gpu,work,power_limit_w,power_w,deviates,source");
  }
  PowerRow row{fields[0], fields[1], {}, 0, fields[4] == "yes", fields[5], place};
  if (!fields[2].empty()) row.limit = {.of_board = false, .watts = number_in(fields[2], place)};
  row.watts = number_in(fields[3], place);
  return row;
}

std::vector<PowerRow> read_rows(const std::filesystem::path& path) {
  std::ifstream file(path);
  if (!file) throw UserError({path.string()}, "cannot be read");
  std::vector<PowerRow> rows;
  std::string text;
  bool is_title = true;
  for (std::int64_t line = 1; std::getline(file, text); ++line) {
    if (text.empty() || text.starts_with('#')) continue;
    if (!is_title) rows.push_back(row_in(text, {path.string(), line}));
    is_title = false;
  }
  return rows;
}

double power_of_layer(const PowerRow& row, const device::GpuSpec& gpu) {
  const auto kernels = layers::lower(layers::parse_layer(row.work), gpu);
  device::NoProgress nobody_watches;
  const auto [at, result] = time_sustained(kernels, gpu, row.limit, {}, nobody_watches);
  return load_of(result, at).power();
}

// "resnet50 train 128 optimiser=adam", "llama-3.1-8b decode nvfp4": a network, what is done, its
// batch or weights, and whatever else the step is.
double power_of_step(const PowerRow& row, const device::GpuSpec& gpu, PredictProgress& progress) {
  std::istringstream words(row.work);
  std::string name, what, how;
  words >> name >> what >> how;
  networks::StepOptions step;
  networks::SequenceSizes sizes;
  if (what == "train") {
    step.training = true;
    step.batch = static_cast<std::uint64_t>(number_in(how, row.place));
  } else if (what == "decode") {
    step.type = usual_type(true);
    step.weights = weights_named(how);
    sizes = sizes_in_phase("decode", sizes);
  } else {
    throw UserError(row.place, "'" + row.work + "' is neither a layer nor a step of a network");
  }
  try {
    for (std::string word; words >> word;) take_parameter(word, step, sizes);
  } catch (const UserError& error) {
    throw UserError(row.place, error.what());
  }
  Effort effort;
  effort.power_limit = row.limit;
  const networks::Network network = networks::read_network(name, sizes);
  return time_step(network, step, gpu, effort, progress).power();
}

// Of one row among many: how far they all are is said by their number.
class Unwatched : public PredictProgress {
 public:
  void layers_done(std::size_t, std::size_t) override {}
  void row_done(const report::Prediction&) override {}
};

}  // namespace

std::vector<report::ValidationRow> run_power_suite(const PowerSuiteRequest& request,
                                                   PredictProgress& progress,
                                                   const std::atomic<bool>& stop) {
  std::vector<PowerRow> rows = read_rows(request.folder / "power.csv");
  std::erase_if(rows, [&](const PowerRow& row) {
    return (request.gpu && row.gpu != *request.gpu) || (request.quick && !row.is_layer());
  });
  if (rows.empty()) throw UserError("no board's power was measured that this asks for");
  std::vector<report::ValidationRow> done(rows.size());
  std::mutex watching;
  std::size_t count = 0;
  Executor executor(request.threads);
  executor.for_each_index(rows.size(), [&](std::size_t i) {
    const PowerRow& row = rows[i];
    if (stop) return;
    const device::GpuSpec gpu = device::read_gpu(row.gpu);
    if (!gpu.energy) throw UserError(row.place, row.gpu + " has no [energy]");
    Unwatched nobody;
    done[i].gpu = row.gpu;
    done[i].suite = "power";
    done[i].benchmark = row.work;
    if (row.limit.watts) done[i].parameters = "limit=" + std::to_string(*row.limit.watts);
    done[i].unit = "W";
    done[i].measured = row.watts;
    done[i].simulated = row.is_layer() ? power_of_layer(row, gpu) : power_of_step(row, gpu, nobody);
    done[i].tolerance = kTolerance;
    done[i].marked = row.marked;
    done[i].source = row.source;
    const std::lock_guard lock(watching);
    progress.layers_done(++count, rows.size());
  });
  return done;
}

}  // namespace strobe::run
