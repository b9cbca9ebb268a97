#include "sim/trace/generate.h"

#include <algorithm>
#include <array>
#include <bit>
#include <string>

#include "sim/base/check.h"
#include "sim/base/error.h"
#include "sim/base/random.h"
#include "sim/trace/kernel_code.h"

namespace strobe::trace {
namespace {

constexpr std::uint64_t kArrayAlignment = 2 << 20;
constexpr std::array<std::string_view, 6> kPatternNames{"copy",  "read",   "write",
                                                        "chase", "gather", "vectoradd"};

std::uint32_t lane_bytes_of(const KernelRecipe& recipe) {
  switch (recipe.pattern) {
    case Pattern::chase:
      return 8;
    case Pattern::gather:
    case Pattern::vectoradd:
      return 4;
    default:
      return recipe.lane_bytes;
  }
}

std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) {
  return (a + b - 1) / b;
}

void require(bool is_good, const std::string& message) {
  if (!is_good) throw UserError("generated kernel: " + message);
}

void require_possible(const KernelRecipe& recipe) {
  const std::uint32_t lane_bytes = lane_bytes_of(recipe);
  require(std::has_single_bit(lane_bytes) && lane_bytes >= 4 && lane_bytes <= 16,
          "a lane moves 4, 8 or 16 bytes, not " + std::to_string(lane_bytes));
  require(recipe.bytes >= lane_bytes && recipe.bytes % lane_bytes == 0,
          "the array's bytes are a multiple of the " + std::to_string(lane_bytes) + " of a lane");
  require(recipe.bytes <= std::uint64_t{1} << 44, "an array has at most 16 TiB");
  require(recipe.warps_per_cta >= 1 && recipe.warps_per_cta <= 32, "a CTA has 1 to 32 warps");
  require(recipe.base % lane_bytes == 0 && recipe.base < std::uint64_t{1} << 48,
          "the base is a 48-bit address, aligned to a lane's access");
  require(recipe.loads >= 1, "a kernel makes at least one access");
  if (recipe.pattern == Pattern::chase) {
    require(recipe.stride >= 8 && recipe.stride % 8 == 0, "a chase's stride is a multiple of 8");
    require(recipe.bytes >= recipe.stride, "a chase's array holds at least one stride");
    require(recipe.loads <= 1 << 24, "a chase has at most 16,777,216 loads");
  } else {
    require(recipe.loads <= kMaxAccesses,
            "a warp makes at most " + std::to_string(kMaxAccesses) + " accesses to an array");
  }
  if (recipe.pattern == Pattern::gather) {
    require(recipe.bytes >= 1024, "a gather's array has at least 1024 bytes");
  }
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

class GeneratedSource : public CtaSource {
 public:
  GeneratedSource(const KernelRecipe& recipe, std::uint64_t id)
      : recipe_(recipe),
        code_(kernel_code(recipe)),
        lane_bytes_(lane_bytes_of(recipe)),
        warps_per_cta_(recipe.pattern == Pattern::chase ? 1 : recipe.warps_per_cta),
        random_(recipe.seed) {
    header_.name =
        "synthetic_" + std::string(kPatternNames[static_cast<std::size_t>(recipe.pattern)]);
    header_.id = id;
    header_.grid[0] = static_cast<std::uint32_t>(cta_count());
    header_.block[0] = warps_per_cta_ * static_cast<std::uint32_t>(kWarpLanes);
    header_.registers = registers_used(code_);
    header_.architecture = recipe.architecture;
    header_.shared_base = 0x7F0000000000;
    header_.local_base = 0x7F0002000000;
    array_bytes_ = ceil_div(recipe.bytes, kArrayAlignment) * kArrayAlignment;
  }

  const KernelHeader& header() const override { return header_; }

  bool next(Cta& into) override {
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

 private:
  std::uint64_t cta_count() const {
    if (recipe_.pattern == Pattern::chase) return 1;
    // A gather makes as many requests as touch each sector once on average.
    const std::uint64_t request_bytes =
        kWarpLanes * (recipe_.pattern == Pattern::gather ? 32 : lane_bytes_);
    const std::uint64_t requests = ceil_div(recipe_.bytes, request_bytes);
    const std::uint64_t ctas = ceil_div(requests, std::uint64_t{warps_per_cta_} * recipe_.loads);
    require(ctas <= 0x7FFFFFFF, "a grid has at most 2,147,483,647 CTAs");
    return ctas;
  }

  void add_warp(Cta& into, std::uint32_t warp) {
    std::uint32_t pc = 0;
    for (const CodeLine& line : code_) {
      const std::uint32_t repeats =
          line.array != Array::none && recipe_.pattern == Pattern::chase ? recipe_.loads : 1;
      for (std::uint32_t i = 0; i < repeats; ++i, pc += 16) {
        Instruction instruction = line.instruction;
        instruction.pc = pc;
        if (line.array != Array::none && !aim(instruction, into, line, warp)) continue;
        into.instructions.push_back(instruction);
      }
    }
  }

  // Gives an access its lanes and addresses; false when all lie beyond the array.
  bool aim(Instruction& instruction, Cta& into, const CodeLine& line, std::uint32_t warp) {
    if (recipe_.pattern == Pattern::chase) {
      instruction.active_mask = 1;
      instruction.base = recipe_.base + next_place() * recipe_.stride;
      return true;
    }
    if (recipe_.pattern == Pattern::gather) {
      instruction.listed = true;
      instruction.first_address = static_cast<std::uint32_t>(into.addresses.size());
      for (std::size_t lane = 0; lane < kWarpLanes; ++lane) {
        const std::uint64_t sector = random_.next() % (recipe_.bytes / 32);
        into.addresses.push_back(recipe_.base + 32 * sector);
      }
      return true;
    }
    // The warps of a CTA sweep its share side by side, access by access.
    const std::uint64_t request =
        (std::uint64_t{next_cta_} * recipe_.loads + line.access) * warps_per_cta_ + warp;
    const std::uint64_t offset = request * kWarpLanes * lane_bytes_;
    if (offset >= recipe_.bytes) return false;
    const std::uint64_t lanes =
        std::min<std::uint64_t>(kWarpLanes, (recipe_.bytes - offset) / lane_bytes_);
    instruction.active_mask = static_cast<std::uint32_t>((std::uint64_t{1} << lanes) - 1);
    instruction.base =
        recipe_.base + static_cast<std::uint64_t>(line.array) * array_bytes_ + offset;
    instruction.stride = lane_bytes_;
    return true;
  }

  // The next place of the chase, of bytes / stride; after the last one it starts over.
  std::uint64_t next_place() {
    const std::uint64_t places = recipe_.bytes / recipe_.stride;
    if (!recipe_.random_order) return count_++ % places;
    const auto bits = static_cast<std::uint32_t>(std::bit_width(places - 1));
    while (true) {
      const std::uint64_t place =
          bits == 0 ? 0 : shuffled(count_ & ((std::uint64_t{1} << bits) - 1), bits, recipe_.seed);
      ++count_;
      if (place < places) return place;
    }
  }

  KernelRecipe recipe_;
  std::vector<CodeLine> code_;
  std::uint32_t lane_bytes_;
  std::uint32_t warps_per_cta_;
  std::uint64_t array_bytes_ = 0;
  KernelHeader header_;
  SplitMix64 random_;
  std::uint32_t next_cta_ = 0;
  std::uint64_t count_ = 0;
};

class GeneratedProgram : public Program {
 public:
  explicit GeneratedProgram(std::vector<KernelRecipe> recipes) : recipes_(std::move(recipes)) {
    for (std::size_t i = 0; i < recipes_.size(); ++i) {
      require_possible(recipes_[i]);
      // Building one refuses what only the grid shows.
      const GeneratedSource source(recipes_[i], i + 1);
      if (recipes_[i].copies_first) add_copies(recipes_[i]);
      Step step;
      step.what = Step::What::kernel;
      step.kernel_file = source.header().name;
      steps_.push_back(step);
      recipe_of_step_.resize(steps_.size());
      recipe_of_step_.back() = i;
    }
  }

  const std::vector<Step>& steps() const override { return steps_; }
  std::unique_ptr<CtaSource> open(std::size_t index) override {
    STROBE_CHECK(index < steps_.size() && steps_[index].what == Step::What::kernel);
    const std::size_t recipe = recipe_of_step_[index];
    return std::make_unique<GeneratedSource>(recipes_[recipe], recipe + 1);
  }
  std::vector<Warning> warnings() const override { return {}; }

 private:
  void add_copies(const KernelRecipe& recipe) {
    const std::uint64_t spacing = ceil_div(recipe.bytes, kArrayAlignment) * kArrayAlignment;
    const std::uint64_t arrays = recipe.pattern == Pattern::write       ? 0
                                 : recipe.pattern == Pattern::vectoradd ? 2
                                                                        : 1;
    for (std::uint64_t array = 0; array < arrays; ++array) {
      Step step;
      step.what = Step::What::copy_to_device;
      step.address = recipe.base + array * spacing;
      step.bytes = recipe.bytes;
      steps_.push_back(step);
    }
  }

  std::vector<KernelRecipe> recipes_;
  std::vector<Step> steps_;
  std::vector<std::size_t> recipe_of_step_;
};

}  // namespace

std::optional<Pattern> pattern_named(std::string_view name) {
  const auto* const found = std::find(kPatternNames.begin(), kPatternNames.end(), name);
  if (found == kPatternNames.end()) return std::nullopt;
  return static_cast<Pattern>(found - kPatternNames.begin());
}

std::unique_ptr<Program> generate(std::vector<KernelRecipe> recipes) {
  return std::make_unique<GeneratedProgram>(std::move(recipes));
}

}  // namespace strobe::trace
