#include "sim/layers/flash/flash_kernel.h"

#include <algorithm>
#include <numeric>

#include "sim/layers/flash/flash_code.h"

namespace strobe::layers {
namespace {

constexpr std::uint32_t kElementBytes = 2, kSumBytes = 4;

std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) {
  return (a + b - 1) / b;
}

// The keys' tiles that a CTA goes over.
struct KeyRange {
  std::uint64_t begin = 0, end = 0;
  std::uint64_t masked = 0;  // the last ones, which the mask cuts through
};

class FlashKernel : public Kernel {
 public:
  FlashKernel(const Layer& layer, const FlashPlan& plan)
      : layer_(layer), sizes_(layer.attention), plan_(plan) {
    const FlashTile& tile = plan.tile;
    query_tiles_ = ceil_div(sizes_.queries, tile.queries);
    rounds_ = ceil_div(ceil_div(sizes_.keys, tile.keys), plan.parts);
    header_.name = plan.parts > 1 ? "flash_fwd_splitkv_kernel" : "flash_fwd_kernel";
    header_.grid = {static_cast<std::uint32_t>(query_tiles_), plan.parts,
                    static_cast<std::uint32_t>(sizes_.batch * sizes_.heads)};
    header_.block[0] = threads_of(plan);
    header_.registers = registers_of(plan);
    header_.shared_bytes = shared_bytes_of(plan);
    const std::uint64_t queries = sizes_.batch * sizes_.heads * sizes_.queries;
    const std::uint64_t keys =
        sizes_.batch * sizes_.kv_heads * sizes_.keys * sizes_.depth * kElementBytes;
    const std::uint64_t output_bytes = plan.parts > 1 ? kSumBytes * plan.parts : kElementBytes;
    arrays_ = {{queries * sizes_.depth * kElementBytes, false},
               {keys, false},
               {keys, false},
               {queries * sizes_.depth * output_bytes, true},
               {queries * kSumBytes * plan.parts, true}};
    place_arrays(arrays_);
  }

  std::uint64_t loop_rounds() const override { return rounds_; }

  // Where queries see no further than their own place, later ones take longer.
  std::uint64_t period() const override { return sizes_.causal ? query_tiles_ * plan_.parts : 1; }

  std::unique_ptr<Kernel> share(std::uint32_t shares) const override {
    if (!ctas_of_share(header_.cta_count(), shares, rounds_)) return nullptr;
    const std::optional<Layer> part = attention_share(layer_, shares);
    return part ? std::make_unique<FlashKernel>(*part, plan_) : nullptr;
  }

  // A CTA that has fewer tiles to go over than others goes over as much fewer of them.
  void fill(trace::Cta& into, std::uint64_t rounds) const override {
    // The longest first, where a list of tiles is worked off by CTAs that stay (FlashAttention 3).
    const std::uint64_t index = into.index[0];
    const std::uint64_t tile = plan_.unit.is_grouped() ? query_tiles_ - 1 - index : index;
    const std::uint64_t part = into.index[1], sample = into.index[2] / sizes_.heads,
                        head = into.index[2] % sizes_.heads;
    const KeyRange range = keys_of(tile, part);
    const FlashWork work = work_of(tile, range, rounds, {0, 0, 0, sample, head});
    const std::uint32_t warps = threads_of(plan_) / 32;
    WarpCode code(into);
    FlashCode flash(code, plan_);
    for (std::uint32_t warp = 0; warp < warps; ++warp) {
      code.start_warp();
      if (work.tiles > 0 && warp < plan_.tile.warps) {
        flash.attend(work, warp);
        flash.finish();
        store(flash, tile, warp, into);
      } else if (work.tiles > 0 && warp == plan_.tile.warps) {
        flash.copy(work);
      }
      code.end_warp();
    }
  }

 private:
  KeyRange keys_of(std::uint64_t tile, std::uint64_t part) const {
    const std::uint64_t first = tile * plan_.tile.queries;
    const std::uint64_t last = std::min(first + plan_.tile.queries, sizes_.queries) - 1;
    const std::uint64_t before = sizes_.keys - std::min(sizes_.keys, sizes_.queries);
    const std::uint64_t seen = sizes_.causal ? before + last + 1 : sizes_.keys;
    const std::uint64_t seen_by_all = sizes_.causal ? before + first + 1 : sizes_.keys;
    const std::uint64_t tiles = ceil_div(seen, plan_.tile.keys);
    KeyRange range;
    range.begin = std::min(part * rounds_, tiles);
    range.end = std::min(range.begin + rounds_, tiles);
    const std::uint64_t whole = std::max(range.begin, seen_by_all / plan_.tile.keys);
    range.masked = range.end - std::min(whole, range.end);
    return range;
  }

  FlashWork work_of(std::uint64_t tile, const KeyRange& range, std::uint64_t rounds,
                    HeadPlace place) const {
    FlashWork work;
    place.depth = sizes_.depth;
    place.heads = sizes_.heads;
    place.lines = sizes_.queries;
    place.address = arrays_[0].address;
    work.queries = head_strip(place, tile * plan_.tile.queries, plan_.tile.queries);
    place.heads = sizes_.kv_heads;
    place.head /= sizes_.group();
    place.lines = sizes_.keys;
    place.address = arrays_[1].address;
    work.keys = head_strip(place, 0, plan_.tile.keys);
    place.address = arrays_[2].address;
    work.values = head_strip(place, 0, plan_.tile.keys);
    work.last_tile = range.end - 1;
    work.tiles = ceil_div((range.end - range.begin) * rounds, rounds_);
    work.masked_tiles = range.masked;
    return work;
  }

  // Parts have an output each, and their heads lie apart.
  void store(FlashCode& flash, std::uint64_t tile, std::uint32_t warp,
             const trace::Cta& cta) const {
    const std::uint64_t sample = cta.index[2] / sizes_.heads, head = cta.index[2] % sizes_.heads;
    const std::uint32_t rows = plan_.tile.queries / plan_.tile.warps;
    const std::uint64_t first = tile * plan_.tile.queries + std::uint64_t{warp} * rows;
    if (first >= sizes_.queries) return;
    const std::uint64_t row = cta.index[2] + cta.index[1] * sizes_.batch * sizes_.heads;
    HeadPlace place{arrays_[3].address, sizes_.queries, sizes_.heads, sample, head, sizes_.depth};
    if (plan_.parts > 1) {
      place = {arrays_[3].address, sizes_.queries, 1, row, 0, sizes_.depth, kSumBytes};
    }
    flash.store(head_strip(place, first, rows));
    const std::uint64_t there = std::min<std::uint64_t>(rows, sizes_.queries - first);
    flash.store_rows(arrays_[4].address + (row * sizes_.queries + first) * kSumBytes, there);
  }

  Layer layer_;
  AttentionSizes sizes_;
  FlashPlan plan_;
  std::uint64_t query_tiles_ = 0, rounds_ = 1;
};

}  // namespace

std::unique_ptr<Kernel> flash_kernel(const Layer& layer, const FlashPlan& plan) {
  return std::make_unique<FlashKernel>(layer, plan);
}

std::optional<Layer> attention_share(const Layer& layer, std::uint32_t shares) {
  Layer part = layer;
  AttentionSizes& sizes = part.attention;
  const std::uint64_t of_batch = std::gcd(sizes.batch, std::uint64_t{shares});
  const std::uint64_t of_heads = shares / of_batch;
  if (sizes.kv_heads % of_heads != 0) return std::nullopt;
  sizes.batch /= of_batch;
  sizes.heads /= of_heads;
  sizes.kv_heads /= of_heads;
  return part;
}

TensorStrip head_strip(const HeadPlace& place, std::uint64_t first, std::uint32_t extent) {
  TensorStrip strip;
  const std::uint64_t line = place.heads * place.depth;
  strip.address = place.address + (place.sample * place.lines * line + place.head * place.depth) *
                                      place.element_bytes;
  strip.first = first;
  strip.limit = place.lines;
  strip.extent = extent;
  strip.depth = static_cast<std::uint32_t>(place.depth);
  strip.k_limit = place.depth;
  strip.places = MatrixPlaces{line, 1};
  strip.unit_bytes = place.element_bytes;
  strip.width = 1;
  while (strip.width * place.element_bytes < kPieceBytes && place.depth % (2 * strip.width) == 0) {
    strip.width *= 2;
  }
  return strip;
}

}  // namespace strobe::layers
