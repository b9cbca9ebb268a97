#include "sim/device/read_dram.h"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <utility>

#include "sim/device/catalogue.h"
#include "sim/device/extended_file.h"
#include "sim/device/overrides.h"
#include "sim/device/section.h"
#include "sim/model/dram/rules.h"

namespace strobe::device {
namespace {

void read_part(Section section, dram::PartSpec& part) {
  part.standard = section.text("standard");
  part.data_rate = section.quantity<dram::KilobitsPerSecond>("data_rate");
  part.beats_per_clock = section.count("beats_per_clock");
  section.close();
}

dram::Geometry read_geometry(Section section) {
  dram::Geometry geometry;
  geometry.channels = section.count("channels");
  geometry.pseudo_channels = section.count("pseudo_channels");
  geometry.data_bits = static_cast<std::uint32_t>(section.quantity<Bits>("data_bits").count());
  if (section.optional("stack_ids") != nullptr) geometry.stack_ids = section.count("stack_ids");
  geometry.bank_groups = section.count("bank_groups");
  geometry.banks_per_group = section.count("banks_per_group");
  geometry.rows = section.count("rows");
  geometry.row = section.quantity<Bytes>("row");
  geometry.burst = section.quantity<Bytes>("burst");
  section.close();
  return geometry;
}

// Files name timings as they like, so that this is how a mistyped one is found.
bool is_waited_for(const dram::PartSpec& part, std::string_view timing) {
  const auto in_rule = [&](const dram::RuleSpec& rule) {
    return dram::names_timing(rule.wait, timing);
  };
  const auto& clock = part.data_clock;
  return timing == "tREFI" || std::any_of(part.rules.begin(), part.rules.end(), in_rule) ||
         (clock && (dram::names_timing(clock->after_read, timing) ||
                    dram::names_timing(clock->after_write, timing)));
}

// Standards differ in the timings that they name; which of them must be there is dram::check's
// business, and a rule that uses a name that is not there is refused by it too.
std::vector<dram::Timing> read_timings(Section section) {
  std::vector<dram::Timing> timings;
  for (const TomlNode& timing : section.node().children) {
    timings.push_back({timing.key, section.duration(timing.key)});
  }
  section.close();
  return timings;
}

dram::RuleSpec read_rule(Section& section) {
  dram::RuleSpec rule;
  rule.within = section.choice<dram::Scope>("within", dram::kScopeNames);
  rule.first = section.choices<dram::Command>("first", dram::kCommandNames);
  rule.next = section.choices<dram::Command>("next", dram::kCommandNames);
  rule.wait = section.text("wait");
  if (section.optional("window")) rule.window = section.count("window");
  section.close();
  return rule;
}

dram::RefreshSpec read_refresh(Section section) {
  dram::RefreshSpec refresh;
  refresh.kind = section.choice<dram::RefreshKind>("kind", dram::kRefreshKindNames);
  refresh.banks_at_once = section.count("banks_at_once");
  refresh.postpone_limit = section.count("postpone_limit");
  refresh.pull_in_limit = section.count("pull_in_limit", 0);
  section.close();
  return refresh;
}

dram::DataClockSpec read_data_clock(Section section) {
  dram::DataClockSpec data_clock;
  data_clock.after_read = section.text("after_read");
  data_clock.after_write = section.text("after_write");
  section.close();
  return data_clock;
}

dram::ControllerSpec read_controller(Section section) {
  dram::ControllerSpec controller;
  controller.read_queue = section.count("read_queue");
  controller.write_queue = section.count("write_queue");
  controller.drain_high = section.count("drain_high");
  controller.drain_low = section.count("drain_low", 0);
  controller.page_policy = section.choice<dram::PagePolicy>("page_policy", dram::kPagePolicyNames);
  controller.starvation_cap = section.quantity<Picoseconds>("starvation_cap");
  section.close();
  return controller;
}

dram::MappingSpec read_mapping(Section section) {
  dram::MappingSpec mapping;
  mapping.chunk_bursts = section.count("chunk_bursts");
  mapping.bank_hash = section.choice<dram::BankHash>("bank_hash", dram::kBankHashNames);
  section.close();
  return mapping;
}

dram::EnergySpec read_energy(Section section) {
  using dram::Femtojoules, dram::Microwatts;
  dram::EnergySpec energy;
  energy.activate = section.quantity<Femtojoules>("activate");
  energy.read = section.quantity<Femtojoules>("read");
  energy.write = section.quantity<Femtojoules>("write");
  energy.read_pins = section.quantity<Femtojoules>("read_pins");
  energy.write_pins = section.quantity<Femtojoules>("write_pins");
  energy.refresh = section.quantity<Femtojoules>("refresh");
  energy.standby = section.quantity<Microwatts>("standby");
  energy.standby_open = section.quantity<Microwatts>("standby_open");
  section.close();
  return energy;
}

// Lays `value`, a key of the board's file, over the key of the same name in `table` of the part.
void lay_over(TomlNode& root, std::string_view table, const TomlNode* value) {
  if (value == nullptr) return;
  for (TomlNode& node : root.children) {
    if (node.key != table) continue;
    TomlNode over;
    over.place = node.place;
    over.children.push_back(*value);
    overlay(node, std::move(over));
  }
}

// A number of the board may contradict one of the part; it is the board that chose to differ.
Place blamed(const TomlNode& root, const std::string& key, const BoardMemory& board) {
  if (board.controller != nullptr && key.starts_with("controller.")) return board.controller->place;
  // The timings in clocks are right at the part's own rate.
  if (board.data_rate != nullptr) return board.data_rate->place;
  return place_of(root, key);
}

SourcedPart read_tree(const TomlNode& root, const BoardMemory& board) {
  SourcedPart result;
  dram::PartSpec& part = result.part;
  part.name = std::filesystem::path(root.place.file).stem().string();
  Section file(root, result.sources);
  // All top-level names first: a mistyped [geometry] must not hide behind a missing one.
  Section part_section = file.section("part"), geometry = file.section("geometry");
  Section timing = file.section("timing"), refresh = file.section("refresh");
  Section controller = file.section("controller"), mapping = file.section("mapping");
  Section energy = file.section("energy");
  std::vector<Section> rules = file.sections("rule");
  if (file.optional("data_clock") != nullptr) {
    part.data_clock = read_data_clock(file.section("data_clock"));
  }
  file.close();

  read_part(std::move(part_section), part);
  part.geometry = read_geometry(std::move(geometry));
  part.timings = read_timings(std::move(timing));
  for (Section& rule : rules) part.rules.push_back(read_rule(rule));
  part.refresh = read_refresh(std::move(refresh));
  part.controller = read_controller(std::move(controller));
  part.mapping = read_mapping(std::move(mapping));
  part.energy = read_energy(std::move(energy));
  for (const dram::Complaint& complaint : dram::check(part)) {
    throw UserError(blamed(root, complaint.key, board),
                    "'" + complaint.key + "' " + complaint.message);
  }
  for (const dram::Timing& stated : part.timings) {
    if (is_waited_for(part, stated.name)) continue;
    const std::string key = "timing." + stated.name;
    throw UserError(blamed(root, key, board),
                    "'" + key + "' is named by no rule of this part: nothing would wait for it");
  }
  return result;
}

}  // namespace

SourcedPart read_dram(const std::string& name, const BoardMemory& board) {
  std::vector<std::string> files;
  TomlNode root = read_extended(find_part(name), files);
  lay_over(root, "part", board.data_rate);
  for (TomlNode& table : root.children) {
    if (table.key == "controller" && board.controller != nullptr) overlay(table, *board.controller);
  }
  if (board.overrides != nullptr) lay_over_file(root, *board.overrides);
  SourcedPart result = read_tree(root, board);
  result.resolved = canonical_text(root);
  result.files = std::move(files);
  return result;
}

}  // namespace strobe::device
