#include "sim/report/comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "sim/report/columns.h"

namespace strobe::report {
namespace {

constexpr std::size_t kUncut = 200;
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

double epochs_steps(const ComparisonRow& row) {
  return static_cast<double>(row.report.steps_of_epoch());
}

double step_time(const ComparisonRow& row) {
  return row.fits() ? row.report.step_time() : kNone;
}

// A part without published currents has no energy, rather than none at all.
double dram_energy(const ComparisonRow& row) {
  const double energy = row.report.dram_energy();
  return energy > 0 ? energy : kNone;
}

// Of the step alone; of its host copy. The board's is not known where the GPU's file has none.
double step_energy(const ComparisonRow& row) {
  const double energy = row.report.energy().total();
  return energy > 0 ? energy : kNone;
}

double copy_energy(const ComparisonRow& row) {
  return step_energy(row) > 0 ? row.report.copy_energy.total() : kNone;
}

std::string efficiency_text(double per_joule) {
  if (!(per_joule > 0)) return "-";
  if (per_joule < 1) return fmt::format("{:.4f}", per_joule);
  return per_joule < 100 ? fmt::format("{:.2f}", per_joule) : fmt::format("{:.0f}", per_joule);
}

// To nothing, where the first GPU has too little memory, there is none.
std::string ratio_text(double ratio) {
  return ratio > 0 && std::isfinite(ratio) ? fmt::format("{:.2f}", ratio) : "-";
}

std::string bound_text(const ComparisonRow& row) {
  if (!row.fits()) {
    return fmt::format("needs {} of {}", bytes_text(static_cast<double>(row.report.memory.total())),
                       bytes_text(static_cast<double>(row.capacity)));
  }
  const MainBound bound = main_bound(row.report);
  return fmt::format("{} {:.0f}%", bound.name, 100 * bound.share);
}

// While it steps, the copies left out: what a cap is held against.
std::string watts_text(const ComparisonRow& row) {
  const double watts = step_energy(row) / step_time(row);
  return watts > 0 ? fmt::format("{:.1f}{}", watts, row.report.power_cap ? " (cap)" : "") : "-";
}

std::vector<Table::Row> titles(bool epoch, bool tokens) {
  const std::string unit = tokens ? "tokens" : "samples";
  Table::Row above{"", "", unit, ""}, below{"GPU", "step", "/s", "ratio"};
  if (epoch) {
    above.emplace_back("");
    below.emplace_back("epoch");
  }
  above.insert(above.end(), {epoch ? "its" : "host", "board", "host", "", unit, "", "mostly"});
  below.insert(below.end(),
               {epoch ? "copies" : "copy", "energy", "copies", "W", "/J", "ratio", "bound by"});
  return {above, below};
}

Table::Row cells(const ComparisonRow& row, const ComparisonRow& first, bool epoch) {
  const double steps = epoch ? epochs_steps(row) : 1;
  const double copy = row.fits() ? copies_time(row.report) : kNone;
  Table::Row line{row.gpu, time_text(step_time(row)),
                  row.fits() ? fmt::format("{:.1f}", row.rate()) : "-",
                  ratio_text(row.rate() / first.rate())};
  if (epoch) line.push_back(time_text(steps * (step_time(row) + copy)));
  line.insert(line.end(), {time_text(steps * copy), energy_text(steps * row.energy()),
                           energy_text(steps * copy_energy(row)), watts_text(row),
                           efficiency_text(row.efficiency()),
                           ratio_text(row.efficiency() / first.efficiency()), bound_text(row)});
  return line;
}

bool same_work(const ComparisonRow& a, const ComparisonRow& b) {
  return a.report.network == b.report.network && a.report.options.batch == b.report.options.batch;
}

std::string text_of_group(std::span<const ComparisonRow> group, bool epoch,
                          const TextStyle& style) {
  const NetworkReport& report = group.front().report;
  std::string title = fmt::format("{}, {}, batch {}, {}", report.network,
                                  report.options.training ? "training" : "inference",
                                  report.options.batch, layers::name_of(report.options.type));
  if (epoch) title += fmt::format(", {} steps an epoch", count_text(report.steps_of_epoch()));
  Table table(titles(epoch, report.tokens > 0));
  for (const ComparisonRow& row : group) table.add(cells(row, group.front(), epoch));
  // Names tell the rows apart and are not cut, not even where lines are too long then.
  TextStyle whole = style;
  whole.width = std::max<std::size_t>(style.width, kUncut);
  return heading(title, style) + table.text(whole) + "\n";
}

// The same names in a file and in JSON; a sink takes what Columns takes.
template <class Sink>
void add_all(Sink& sink) {
  using Row = ComparisonRow;
  sink.add({"gpu", "1", "name of the configuration"}, [](const Row& r) { return r.gpu; });
  sink.add({"network", "1", "its name"}, [](const Row& r) { return r.report.network; });
  sink.add({"batch", "1", "samples"}, [](const Row& r) { return r.report.options.batch; });
  sink.add({"memory_bytes", "B", "needed at once; with more than the GPU has, no times are there"},
           [](const Row& r) { return r.report.memory.total(); });
  sink.add({"memory_capacity", "B", "of the GPU"}, [](const Row& r) { return r.capacity; });
  sink.add({"step_time", "s", "kernels, launches and waits for the host"}, step_time);
  sink.add({"launch_time", "s", "of that, until first CTAs start"},
           [](const Row& r) { return r.fits() ? r.report.launch_time() : kNone; });
  sink.add({"host_wait_time", "s", "of that, waiting for the host's calls"},
           [](const Row& r) { return r.fits() ? host_wait(r.report) : kNone; });
  sink.add({"host_copy_time", "s", "input of a step over the host link, apart from step_time"},
           [](const Row& r) { return r.fits() ? r.report.copy_time : kNone; });
  sink.add({"host_copy_back_time", "s", "what the host reads of it: the loss, outputs or tokens"},
           [](const Row& r) { return r.fits() ? r.report.copy_back_time : kNone; });
  sink.add({"rate", "s-1", "samples, or tokens of a language model, copies included"},
           [](const Row& r) { return r.fits() ? r.rate() : kNone; });
  sink.add({"steps_of_epoch", "1", "0 where the samples are not known"},
           [](const Row& r) { return r.report.steps_of_epoch(); });
  sink.add({"dram_energy", "J", "of a step: of the DRAM alone, not of the rest of the board"},
           dram_energy);
  sink.add({"board_energy", "J", "of a step, on the whole board"}, step_energy);
  sink.add({"host_copy_energy", "J", "of the board during copies, apart from it"}, copy_energy);
  sink.add({"board_power", "W", "mean of a step, copies left out"},
           [](const Row& r) { return step_energy(r) / step_time(r); });
  sink.add({"sm_clock", "Hz", "of the SMs; below the GPU's own where its power limit holds it"},
           [](const Row& r) { return static_cast<double>(r.report.clock.count()) * 1e3; });
  sink.add({"efficiency", "J-1", "samples, or tokens of a language model, of a joule of the board"},
           [](const Row& r) { return r.efficiency() > 0 ? r.efficiency() : kNone; });
  sink.add({"epoch_time", "s", "of all steps and copies; 0 where the samples are not known"},
           [](const Row& r) { return epochs_steps(r) * (step_time(r) + copies_time(r.report)); });
  sink.add({"epoch_energy", "J", "of the board in that time"},
           [](const Row& r) { return epochs_steps(r) * r.energy(); });
  sink.add({"bound", "1", "what most of a step's time goes to"},
           [](const Row& r) { return std::string(main_bound(r.report).name); });
  sink.add({"bound_share", "1", "of the step's time"},
           [](const Row& r) { return r.fits() ? main_bound(r.report).share : kNone; });
}

struct JsonSink {
  JsonObject& object;
  const ComparisonRow& row;

  template <class Value>
  void add(const Label& label, Value value) {
    object.add(label.name, value(row));
  }
};

void write_steps(Hdf5File& file, std::span<const ComparisonRow> rows) {
  Hdf5Group group = file.group("steps");
  number_dimension(group, {"step", "1", "a network, a batch and a GPU"}, rows.size());
  Columns<ComparisonRow> columns(group, "step", rows);
  add_all(columns);
}

}  // namespace

double ComparisonRow::rate() const {
  if (!fits()) return 0;
  const double places = static_cast<double>(std::max<std::uint64_t>(report.tokens, 1));
  return places * report.samples_per_second();
}

double ComparisonRow::energy() const {
  return fits() ? step_energy(*this) + report.copy_energy.total() : kNone;
}

double ComparisonRow::efficiency() const {
  const double places = static_cast<double>(std::max<std::uint64_t>(report.tokens, 1));
  const double samples = places * static_cast<double>(report.options.batch);
  return energy() > 0 ? samples / energy() : 0;
}

MainBound main_bound(const NetworkReport& report) {
  std::map<std::string_view, double> times{{"launch", report.launch_time()},
                                           {"host", host_wait(report)}};
  for (const OperationReport& row : report.operations) times[text_of(row.bound).by] += row.time;
  const auto most =
      std::ranges::max_element(times, {}, [](const auto& each) { return each.second; });
  if (!(most->second > 0)) return {};
  return {most->first, most->second / report.step_time()};
}

std::string comparison_text(std::span<const ComparisonRow> rows, bool epoch,
                            const TextStyle& style) {
  std::string text;
  for (std::size_t begin = 0, end = 0; begin < rows.size(); begin = end) {
    while (end < rows.size() && same_work(rows[end], rows[begin])) ++end;
    text += text_of_group(rows.subspan(begin, end - begin), epoch, style);
  }
  const std::string notes = fmt::format(
      "The rate and its ratio to the first GPU's include the copies of the input from the host. "
      "Energy of {} is the whole board's (docs/ENERGY.md), host copies included and stated beside "
      "it, as are samples of a joule; watts are those of the step, held by the board's limit "
      "where it says cap.",
      epoch ? "an epoch" : "a step");
  for (const std::string& line : wrapped(notes, style.width)) text += line + "\n";
  return text;
}

JsonObject comparison_json(std::span<const ComparisonRow> rows) {
  JsonObject json;
  json.add("schema", "strobe-comparison").add("schema_version", "1.2");
  std::vector<std::string> texts;
  for (const ComparisonRow& row : rows) {
    JsonObject object;
    JsonSink sink{object, row};
    add_all(sink);
    object.add("fits", row.fits());
    texts.push_back(object.text());
  }
  json.add_json("steps", json_list(texts));
  return json;
}

void write_comparison_file(const std::filesystem::path& path, std::span<const ComparisonRow> rows,
                           const Provenance& provenance) {
  Hdf5File file;
  file.attribute("title", "steps of networks on several GPUs");
  file.attribute("schema", "strobe-comparison");
  file.attribute("schema_version", "1.2");
  write_provenance(file, provenance);
  write_steps(file, rows);
  file.commit(path);
}

}  // namespace strobe::report
