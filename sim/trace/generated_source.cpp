#include "sim/trace/generated_source.h"

#include <algorithm>
#include <bit>
#include <string>

#include "sim/base/error.h"

namespace strobe::trace {
namespace {

constexpr std::uint64_t kArrayAlignment = 2 << 20;
constexpr std::uint64_t kSectorBytes = 32;

std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) {
  return (a + b - 1) / b;
}

std::uint64_t spacing_of(const KernelRecipe& recipe) {
  if (recipe.spacing != 0) return recipe.spacing;
  return ceil_div(recipe.bytes, kArrayAlignment) * kArrayAlignment;
}

// A bijection of the numbers below 2^bits: counting through it visits every number once, in an
// order that looks random, without a table.
std::uint64_t shuffled(std::uint64_t number, std::uint32_t bits, std::uint64_t seed) {
  const std::uint64_t mask = (std::uint64_t{1} << bits) - 1;
  SplitMix64 keys(seed);
  for (int round = 0; round < 4; ++round) {
    number = (number + keys.next()) & mask;
    number = number * (keys.next() | 1) & mask;
    number ^= number >> (bits / 2 + 1);
  }
  return number;
}

// Warp accesses that go through one array once. A random pattern makes as many as touch each sector
// once on average; what has no array of its own is asked for `passes` times.
std::uint64_t requests_of_pass(const KernelRecipe& recipe) {
  if (recipe.pattern == Pattern::empty || recipe.pattern == Pattern::shared_read) return 1;
  const std::uint64_t lane =
      is_random(recipe.pattern) ? kSectorBytes : std::uint64_t{lane_bytes_of(recipe)};
  return ceil_div(recipe.bytes, kWarpLanes * lane);
}

std::uint32_t ctas_of_pass(const KernelRecipe& recipe, std::uint32_t warps_per_cta) {
  if (recipe.ctas > 0) return recipe.ctas;
  if (recipe.pattern == Pattern::chase) return 1;
  const std::uint64_t ctas =
      ceil_div(requests_of_pass(recipe), std::uint64_t{warps_per_cta} * recipe.loads);
  if (ctas * recipe.passes > 0x7FFFFFFF) {
    throw UserError("generated kernel: a grid has at most 2,147,483,647 CTAs");
  }
  return static_cast<std::uint32_t>(ctas);
}

std::uint32_t turns_of_pass(const KernelRecipe& recipe, std::uint32_t warps_per_cta) {
  if (recipe.pattern == Pattern::chase) return recipe.loads;
  if (recipe.ctas == 0 || is_random(recipe.pattern)) return 1;
  const std::uint64_t sharing = recipe.share == Share::whole ? 1 : recipe.ctas;
  const std::uint64_t requests_of_turn = sharing * warps_per_cta * recipe.loads;
  return static_cast<std::uint32_t>(ceil_div(requests_of_pass(recipe), requests_of_turn));
}

}  // namespace

std::uint64_t start_of_array(const KernelRecipe& recipe, std::uint32_t array) {
  return recipe.base + spacing_of(recipe) * array;
}

GeneratedSource::GeneratedSource(const KernelRecipe& recipe, std::uint64_t id)
    : recipe_(recipe),
      code_(kernel_code(recipe)),
      lane_bytes_(lane_bytes_of(recipe)),
      warps_per_cta_(recipe.pattern == Pattern::chase && recipe.ctas == 0 ? 1
                                                                          : recipe.warps_per_cta),
      ctas_of_pass_(ctas_of_pass(recipe, warps_per_cta_)),
      turns_of_pass_(turns_of_pass(recipe, warps_per_cta_)),
      array_bytes_(spacing_of(recipe)),
      random_(recipe.seed) {
  header_.name = "synthetic_" + std::string(name_of(recipe.pattern));
  header_.id = id;
  header_.grid[0] = ctas_of_pass_ * (recipe.ctas > 0 ? recipe.rounds : recipe.passes);
  header_.block[0] = warps_per_cta_ * static_cast<std::uint32_t>(kWarpLanes);
  header_.registers = registers_used(code_);
  header_.shared_bytes = recipe.shared_bytes;
  header_.architecture = recipe.architecture;
  header_.shared_base = 0x7F0000000000;
  header_.local_base = 0x7F0002000000;
}

bool GeneratedSource::next(Cta& into) {
  if (next_cta_ == header_.grid[0]) return false;
  into.index = {next_cta_, 0, 0};
  into.warps.clear();
  into.instructions.clear();
  into.addresses.clear();
  for (std::uint32_t warp = 0; warp < warps_per_cta_; ++warp) {
    const auto first = static_cast<std::uint32_t>(into.instructions.size());
    add_warp(into, warp);
    into.warps.push_back({first, static_cast<std::uint32_t>(into.instructions.size()) - first});
  }
  ++next_cta_;
  return true;
}

void GeneratedSource::add_warp(Cta& into, std::uint32_t warp) {
  pc_ = 0;
  const auto add_once = [&](const std::vector<CodeLine>& lines) {
    for (const CodeLine& line : lines) {
      into.instructions.push_back(line.instruction);
      into.instructions.back().pc = pc_;
      pc_ += 16;
    }
  };
  add_once(code_.prologue);
  const bool loops = recipe_.ctas > 0 && recipe_.pattern != Pattern::chase;
  if (recipe_.pattern == Pattern::chase) start_chase(warp);
  const std::uint32_t turns = turns_of_pass_ * (loops ? recipe_.passes : 1);
  const std::uint32_t loop_start = pc_;
  for (turn_ = 0; turn_ < turns; ++turn_) {
    if (loops) pc_ = loop_start;
    if (!loops || has_turn(warp)) add_turn(into, warp);
  }
  add_once(code_.epilogue);
}

// Whether the warp's threads are still in the loop: in the last turn of a pass some are not.
bool GeneratedSource::has_turn(std::uint32_t warp) const {
  if (is_random(recipe_.pattern) || recipe_.pattern == Pattern::shared_read) return true;
  return request_of(warp, 0) * kWarpLanes * lane_bytes_ < recipe_.bytes;
}

void GeneratedSource::add_turn(Cta& into, std::uint32_t warp) {
  for (const CodeLine& line : code_.turn) {
    Instruction instruction = line.instruction;
    instruction.pc = pc_;
    pc_ += 16;
    if (line.array != Array::none && !aim(instruction, into, line, warp)) continue;
    into.instructions.push_back(instruction);
  }
}

// Gives an access its lanes and addresses; false when all lie beyond the array.
bool GeneratedSource::aim(Instruction& instruction, Cta& into, const CodeLine& line,
                          std::uint32_t warp) {
  if (recipe_.pattern == Pattern::chase) {
    instruction.active_mask = 1;
    instruction.base = recipe_.base + next_place() * recipe_.stride;
    return true;
  }
  if (recipe_.pattern == Pattern::shared_read) {
    instruction.stride = static_cast<std::int64_t>(recipe_.stride);
    return true;
  }
  if (is_random(recipe_.pattern)) {
    aim_at_random(instruction, into, line);
    return true;
  }
  const std::uint64_t offset = request_of(warp, line.access) * kWarpLanes * lane_bytes_;
  if (offset >= recipe_.bytes) return false;
  const std::uint64_t lanes =
      std::min<std::uint64_t>(kWarpLanes, (recipe_.bytes - offset) / lane_bytes_);
  instruction.active_mask = static_cast<std::uint32_t>((std::uint64_t{1} << lanes) - 1);
  instruction.base = recipe_.base + static_cast<std::uint64_t>(line.array) * array_bytes_ + offset;
  instruction.stride = lane_bytes_;
  return true;
}

// An update stores where it has loaded.
void GeneratedSource::aim_at_random(Instruction& instruction, Cta& into, const CodeLine& line) {
  instruction.listed = true;
  const bool again = recipe_.pattern == Pattern::random_update && instruction.op == Op::store;
  instruction.first_address = static_cast<std::uint32_t>(into.addresses.size());
  if (again) {
    for (std::uint32_t lane = 0; lane < kWarpLanes; ++lane) {
      into.addresses.push_back(into.addresses[listed_at_[line.access] + lane]);
    }
    return;
  }
  listed_at_[line.access] = instruction.first_address;
  for (std::size_t lane = 0; lane < kWarpLanes; ++lane) {
    const std::uint64_t sector = random_.next() % (recipe_.bytes / kSectorBytes);
    into.addresses.push_back(recipe_.base + kSectorBytes * sector);
  }
}

// Which of the array's warp-wide pieces an access is for. The warps of a CTA sweep its share side
// by side, access by access.
std::uint64_t GeneratedSource::request_of(std::uint32_t warp, std::uint32_t access) const {
  const std::uint64_t cta = next_cta_ % ctas_of_pass_;
  const std::uint64_t step = std::uint64_t{turn_ % turns_of_pass_} * recipe_.loads + access;
  std::uint64_t row = 0;  // of a CTA's width
  if (recipe_.ctas == 0 || recipe_.share == Share::chunks) {
    row = cta * turns_of_pass_ * recipe_.loads + step;
  } else if (recipe_.share == Share::interleaved) {
    row = step * ctas_of_pass_ + cta;
  } else {
    row = step;
  }
  return row * warps_per_cta_ + warp;
}

// Chases that run side by side are spread over the cycle.
void GeneratedSource::start_chase(std::uint32_t warp) {
  const std::uint64_t chases = std::uint64_t{header_.grid[0]} * warps_per_cta_;
  const std::uint64_t chase = std::uint64_t{next_cta_} * warps_per_cta_ + warp;
  const std::uint64_t places = recipe_.bytes / recipe_.stride;
  place_ = (recipe_.random_order ? std::bit_ceil(places) : places) / chases * chase;
  for (std::uint64_t i = 0; i < recipe_.first_place; ++i) next_place();
}

// The next place of the chase, of bytes / stride; after the last one it starts over.
std::uint64_t GeneratedSource::next_place() {
  const std::uint64_t places = recipe_.bytes / recipe_.stride;
  if (!recipe_.random_order) return place_++ % places;
  const auto bits = static_cast<std::uint32_t>(std::bit_width(places - 1));
  while (true) {
    const std::uint64_t place =
        bits == 0 ? 0 : shuffled(place_ & ((std::uint64_t{1} << bits) - 1), bits, recipe_.seed);
    ++place_;
    if (place < places) return place;
  }
}

}  // namespace strobe::trace
