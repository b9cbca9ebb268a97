#include "sim/trace/generate.h"

#include <algorithm>
#include <array>
#include <bit>
#include <string>

#include "sim/base/check.h"
#include "sim/base/error.h"
#include "sim/trace/generated_source.h"

namespace strobe::trace {
namespace {

struct PatternTraits {
  std::string_view name;
  Streams streams;
};

constexpr std::array<PatternTraits, kPatternCount> kPatterns{{
    {"copy", {1, 1}},
    {"read", {1, 0}},
    {"write", {0, 1}},
    {"chase", {1, 0}},
    {"gather", {1, 0}},
    {"vectoradd", {2, 1}},
    {"scale", {1, 1}},
    {"add", {2, 1}},
    {"triad", {2, 1}},
    {"vector-triad", {3, 1}},
    {"dot", {2, 0}},
    {"update", {1, 1}},
    {"scatter", {0, 1}},
    {"random-update", {1, 1}},
    {"random-atomic", {0, 1}},
    {"shared-read", {0, 0}},
    {"empty", {0, 0}},
}};

const PatternTraits& traits_of(Pattern pattern) {
  return kPatterns[static_cast<std::size_t>(pattern)];
}

void require(bool is_good, const std::string& message) {
  if (!is_good) throw UserError("generated kernel: " + message);
}

void require_possible_chase(const KernelRecipe& recipe) {
  require(recipe.stride >= 8 && recipe.stride % 8 == 0, "a chase's stride is a multiple of 8");
  require(recipe.bytes >= recipe.stride, "a chase's array holds at least one stride");
  require(recipe.loads <= 1 << 24, "a chase has at most 16,777,216 loads");
}

void require_possible_loop(const KernelRecipe& recipe) {
  constexpr std::uint64_t kMostTurns = 1 << 20;  // of all warps of a CTA, which is made whole
  const std::uint64_t requests = recipe.bytes / (kWarpLanes * lane_bytes_of(recipe));
  const std::uint64_t sharing = recipe.share == Share::whole ? 1 : recipe.ctas;
  const std::uint64_t turns_of_pass =
      is_random(recipe.pattern) ? recipe.warps_per_cta : requests / sharing / recipe.loads;
  require(turns_of_pass * recipe.passes <= kMostTurns,
          "a CTA's warps loop at most 1,048,576 times together: take more CTAs");
  require(recipe.pattern != Pattern::vectoradd, "vectoradd has one element a thread; add loops");
  require(std::uint64_t{recipe.ctas} * recipe.rounds <= 0x7FFFFFFF,
          "a grid has at most 2,147,483,647 CTAs");
}

void require_possible_access(const KernelRecipe& recipe) {
  const std::uint32_t lane_bytes = lane_bytes_of(recipe);
  require(std::has_single_bit(lane_bytes) && lane_bytes >= 4 && lane_bytes <= 16,
          "a lane moves 4, 8 or 16 bytes, not " + std::to_string(lane_bytes));
  require(recipe.pattern != Pattern::random_atomic || lane_bytes <= 8,
          "an atomic has 4 or 8 bytes");
  require(recipe.bytes >= lane_bytes && recipe.bytes % lane_bytes == 0,
          "the array's bytes are a multiple of the " + std::to_string(lane_bytes) + " of a lane");
  require(recipe.base % lane_bytes == 0 && recipe.base < std::uint64_t{1} << 48,
          "the base is a 48-bit address, aligned to a lane's access");
}

void require_possible(const KernelRecipe& recipe) {
  require_possible_access(recipe);
  require(recipe.bytes <= std::uint64_t{1} << 44, "an array has at most 16 TiB");
  require(recipe.spacing == 0 || recipe.spacing >= recipe.bytes, "arrays do not overlap");
  require(recipe.warps_per_cta >= 1 && recipe.warps_per_cta <= 32, "a CTA has 1 to 32 warps");
  require(recipe.loads >= 1, "a kernel makes at least one access");
  require(recipe.passes >= 1, "a kernel goes through its arrays at least once");
  require(recipe.stages == 0 || recipe.pattern == Pattern::read, "only reads have stages");
  require(recipe.stages <= 16, "at most 16 groups of copies are under way");
  if (recipe.pattern == Pattern::chase) return require_possible_chase(recipe);
  require(recipe.loads <= kMaxAccesses,
          "a warp makes at most " + std::to_string(kMaxAccesses) + " accesses to an array");
  const Streams streams = streams_of(recipe.pattern);
  require(std::max(streams.reads, 1U) * recipe.loads * lane_bytes_of(recipe) <= 896,
          "what a thread loads at once has to fit its registers");
  require(recipe.bytes >= 1024 || !is_random(recipe.pattern),
          "an array of random places has at least 1024 bytes");
  if (recipe.ctas > 0) require_possible_loop(recipe);
}

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
    const std::uint32_t arrays = streams_of(recipe.pattern).reads;
    for (std::uint32_t array = 0; array < arrays; ++array) {
      Step step;
      step.what = Step::What::copy_to_device;
      step.address = start_of_array(recipe, array);
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
  for (std::size_t i = 0; i < kPatternCount; ++i) {
    if (kPatterns[i].name == name) return static_cast<Pattern>(i);
  }
  return std::nullopt;
}

std::string_view name_of(Pattern pattern) {
  return traits_of(pattern).name;
}

Streams streams_of(Pattern pattern) {
  return traits_of(pattern).streams;
}

std::unique_ptr<Program> generate(std::vector<KernelRecipe> recipes) {
  return std::make_unique<GeneratedProgram>(std::move(recipes));
}

}  // namespace strobe::trace
