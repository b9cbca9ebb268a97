#include "sim/layers/flash/flash_backward.h"

#include <algorithm>

#include "sim/layers/flash/flash_backward_code.h"
#include "sim/layers/flash/flash_kernel.h"
#include "sim/layers/rows/elementwise.h"

namespace strobe::layers {
namespace {

constexpr std::uint32_t kElementBytes = 2, kSumBytes = 4;

std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) {
  return (a + b - 1) / b;
}

// What queries' gradients are added up in has whole tiles.
std::uint64_t padded_queries(const AttentionSizes& sizes) {
  constexpr std::uint64_t kLines = 128;
  return ceil_div(sizes.queries, kLines) * kLines;
}

// What a pass over rows of queries moves for each: bytes of the arrays, in the kernel's order.
struct RowPass {
  std::string kernel;
  std::vector<std::uint64_t> read, written;
  std::uint32_t fp32 = 0;  // for each 16 bytes that are read
};

// A CTA of four warps takes 64 rows, a row after another, neighbours side by side.
class FlashRows : public Kernel {
 public:
  FlashRows(const Layer& layer, const RowPass& pass) : layer_(layer), pass_(pass) {
    const AttentionSizes& sizes = layer.attention;
    rows_ = sizes.batch * sizes.heads * sizes.queries;
    header_.name = pass.kernel;
    header_.grid[0] = static_cast<std::uint32_t>(ceil_div(rows_, kRows));
    header_.block[0] = kWarps * 32;
    header_.registers = 48;
    for (const std::uint64_t bytes : pass.read) arrays_.push_back({rows_ * bytes, false});
    for (const std::uint64_t bytes : pass.written) arrays_.push_back({rows_ * bytes, true});
    place_arrays(arrays_);
  }

  std::unique_ptr<Kernel> share(std::uint32_t shares) const override {
    if (!ctas_of_share(header_.cta_count(), shares)) return nullptr;
    const std::optional<Layer> part = attention_share(layer_, shares);
    return part ? std::make_unique<FlashRows>(*part, pass_) : nullptr;
  }

  void fill(trace::Cta& into, std::uint64_t) const override {
    constexpr Register kAddress = 2, kSum = 4, kData = 8;
    WarpCode code(into);
    for (std::uint32_t warp = 0; warp < kWarps; ++warp) {
      code.start_warp();
      chain(code, trace::Op::integer, kAddress, 6);
      code.arithmetic(trace::Op::integer, kAddress, {kAddress}, 8);
      for (std::size_t i = 0; i < arrays_.size(); ++i) {
        const bool reads = i < pass_.read.size();
        const std::uint64_t row = reads ? pass_.read[i] : pass_.written[i - pass_.read.size()];
        const std::uint64_t first = std::uint64_t{into.index[0]} * kRows + warp * kRowsOfWarp;
        const std::uint64_t begin = std::min(first, rows_) * row;
        const std::uint64_t end = std::min(first + kRowsOfWarp, rows_) * row;
        if (i == pass_.read.size()) code.arithmetic(trace::Op::fp32, kSum, {kData, kData + 1}, 8);
        for (std::uint64_t at = begin; at < end; at += 512) {
          const Lanes lanes{first_lanes(ceil_div(end - at, 16)), arrays_[i].address + at, 16, 16};
          if (!reads) {
            code.store(kSum, kAddress, lanes);
            continue;
          }
          code.load(static_cast<Register>(kData + i), kAddress, lanes);
          code.arithmetic(trace::Op::fp32, kNone, {}, pass_.fp32);
        }
      }
      code.end_warp();
    }
  }

 private:
  static constexpr std::uint32_t kWarps = 4, kRowsOfWarp = 16, kRows = kWarps * kRowsOfWarp;

  Layer layer_;
  RowPass pass_;
  std::uint64_t rows_ = 0;
};

class FlashBackward : public Kernel {
 public:
  FlashBackward(const Layer& layer, const FlashPlan& plan)
      : layer_(layer), sizes_(layer.attention), plan_(plan) {
    const FlashTile& tile = plan.tile;
    rounds_ = ceil_div(sizes_.queries, tile.queries);
    header_.name = "flash_bwd_dq_dk_dv_loop_seqk_parallel_kernel";
    header_.grid = {static_cast<std::uint32_t>(ceil_div(sizes_.keys, tile.keys)), 1,
                    static_cast<std::uint32_t>(sizes_.batch * sizes_.heads)};
    header_.block[0] = threads_of(plan);
    header_.registers = plan.unit.is_grouped() ? registers_of(plan) : 255;
    header_.shared_bytes = backward_shared_bytes_of(tile);
    const std::uint64_t heads = sizes_.batch * sizes_.heads;
    const std::uint64_t queries = heads * sizes_.queries * sizes_.depth * kElementBytes;
    const std::uint64_t line = sizes_.keys * sizes_.depth * kElementBytes;
    const std::uint64_t keys = sizes_.batch * sizes_.kv_heads * line;
    arrays_ = {{queries, false},
               {keys, false},
               {keys, false},
               {queries, false},
               {heads * padded_queries(sizes_) * 2 * kSumBytes, false},
               {heads * padded_queries(sizes_) * tile.depth * kSumBytes, true},
               {heads * line, true},
               {heads * line, true}};
    place_arrays(arrays_);
  }

  std::uint64_t loop_rounds() const override { return rounds_; }
  // Later keys are seen by fewer queries.
  std::uint64_t period() const override { return sizes_.causal ? header_.grid[0] : 1; }

  std::unique_ptr<Kernel> share(std::uint32_t shares) const override {
    if (!ctas_of_share(header_.cta_count(), shares, rounds_)) return nullptr;
    const std::optional<Layer> part = attention_share(layer_, shares);
    return part ? std::make_unique<FlashBackward>(*part, plan_) : nullptr;
  }

  void fill(trace::Cta& into, std::uint64_t rounds) const override {
    const FlashBackwardWork work = work_of(into, rounds);
    const std::uint32_t warps = threads_of(plan_) / 32;
    WarpCode code(into);
    FlashBackwardCode flash(code, plan_);
    for (std::uint32_t warp = 0; warp < warps; ++warp) {
      code.start_warp();
      if (warp < plan_.tile.warps) {
        flash.go_back(work, warp);
        store(flash, into, warp);
      } else if (warp == plan_.tile.warps) {
        flash.copy(work);
      }
      code.end_warp();
    }
  }

 private:
  HeadPlace place_of(const trace::Cta& cta, std::size_t array, bool of_queries) const {
    HeadPlace place;
    place.address = arrays_[array].address;
    place.sample = cta.index[2] / sizes_.heads;
    place.head = cta.index[2] % sizes_.heads;
    place.heads = sizes_.heads;
    place.lines = of_queries ? sizes_.queries : sizes_.keys;
    place.depth = sizes_.depth;
    return place;
  }

  HeadPlace shared_place_of(const trace::Cta& cta, std::size_t array) const {
    HeadPlace place = place_of(cta, array, false);
    place.head /= sizes_.group();
    place.heads = sizes_.kv_heads;
    return place;
  }

  // Of the queries, those before the tile's first key see nothing of it.
  FlashBackwardWork work_of(const trace::Cta& cta, std::uint64_t rounds) const {
    const FlashTile& tile = plan_.tile;
    const std::uint64_t first = std::uint64_t{cta.index[0]} * tile.keys;
    const std::uint64_t before = sizes_.keys - std::min(sizes_.keys, sizes_.queries);
    const auto queries_before = [&](std::uint64_t key) {
      return sizes_.causal && key > before ? key - before : 0;
    };
    FlashBackwardWork work;
    work.keys = head_strip(shared_place_of(cta, 1), first, tile.keys);
    work.values = head_strip(shared_place_of(cta, 2), first, tile.keys);
    work.queries = head_strip(place_of(cta, 0, true), 0, tile.queries);
    work.gradients = head_strip(place_of(cta, 3, true), 0, tile.queries);
    const std::uint64_t lines = cta.index[2] * padded_queries(sizes_);
    work.row_facts = arrays_[4].address + lines * 2 * kSumBytes;
    work.query_sums = arrays_[5].address + lines * tile.depth * kSumBytes;
    work.first_tile = std::min(queries_before(first) / tile.queries, rounds_ - 1);
    const std::uint64_t seen_by_all = ceil_div(queries_before(first + tile.keys), tile.queries);
    work.tiles = ceil_div((rounds_ - work.first_tile) * rounds, rounds_);
    work.masked_tiles = seen_by_all - std::min(seen_by_all, work.first_tile);
    return work;
  }

  void store(FlashBackwardCode& flash, const trace::Cta& cta, std::uint32_t warp) const {
    const std::uint32_t rows = plan_.tile.keys / plan_.tile.warps;
    const std::uint64_t first =
        std::uint64_t{cta.index[0]} * plan_.tile.keys + std::uint64_t{warp} * rows;
    for (const std::size_t array : {6UL, 7UL}) {
      flash.store(head_strip(place_of(cta, array, false), first, rows));
    }
  }

  Layer layer_;
  AttentionSizes sizes_;
  FlashPlan plan_;
  std::uint64_t rounds_ = 1;
};

}  // namespace

std::vector<std::unique_ptr<Kernel>> flash_backward_kernels(const Layer& layer,
                                                            const FlashPlan& plan) {
  const AttentionSizes& sizes = layer.attention;
  const std::uint64_t narrow = sizes.depth * kElementBytes, wide = plan.tile.depth * kSumBytes;
  std::vector<std::unique_ptr<Kernel>> kernels;
  // The sums' words are those of 16 rows together, and the queries' sums start at zero.
  kernels.push_back(std::make_unique<FlashRows>(
      layer, RowPass{"flash_bwd_dot_do_o_kernel", {narrow, narrow}, {kSumBytes, wide}, 8}));
  kernels.push_back(std::make_unique<FlashBackward>(layer, plan));
  kernels.push_back(std::make_unique<FlashRows>(
      layer, RowPass{"flash_bwd_convert_dq_kernel", {wide}, {narrow}, 4}));
  if (sizes.group() > 1) {
    // As many bytes as an addition of two moves, which are three for each result.
    Layer sum;
    sum.op = Operator::elementwise;
    sum.name = "add";
    sum.type = layer.type;
    sum.rows = 1;
    sum.columns = 2 * sizes.batch * sizes.keys * sizes.depth * (sizes.heads + sizes.kv_heads) / 3;
    kernels.push_back(elementwise_kernel(sum));
  }
  return kernels;
}

}  // namespace strobe::layers
