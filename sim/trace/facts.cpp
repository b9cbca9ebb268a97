#include "sim/trace/facts.h"

#include <algorithm>
#include <bit>
#include <optional>

#include "sim/trace/paged_bits.h"

namespace strobe::trace {
namespace {

constexpr std::uint64_t kSectorBytes = 32;
constexpr std::size_t kSectorsPerPage = (2 << 20) / kSectorBytes;

std::optional<RequestKind> kind_of(const Instruction& instruction) {
  if (!instruction.has_addresses()) return std::nullopt;
  const bool is_global = instruction.space == Space::global;
  const bool is_local = instruction.space == Space::local;
  switch (instruction.op) {
    case Op::load:
      return is_global  ? RequestKind::global_load
             : is_local ? RequestKind::local_load
                        : RequestKind::shared_load;
    case Op::store:
      return is_global  ? RequestKind::global_store
             : is_local ? RequestKind::local_store
                        : RequestKind::shared_store;
    case Op::atomic:
      return is_global ? RequestKind::global_atomic : RequestKind::shared_atomic;
    case Op::reduction:
      return is_global ? RequestKind::global_reduction : RequestKind::shared_atomic;
    case Op::async_copy:
      return RequestKind::async_copy;
    default:
      return std::nullopt;
  }
}

using SectorSet = PagedBits<kSectorsPerPage>;

// The sectors touched so far, by what touched them.
struct Touched {
  SectorSet load, store, atomic, any;

  void put_into(Counts& counts) const {
    counts.distinct = {load.count(), store.count(), atomic.count()};
    counts.footprint_sectors = any.count();
  }
};

class Counter {
 public:
  Counter(Counts& kernel, Touched& in_kernel, Touched& in_all)
      : kernel_(kernel), in_kernel_(in_kernel), in_all_(in_all) {}

  void count(const Cta& cta) {
    ++kernel_.ctas;
    kernel_.warps += cta.warps.size();
    for (const Warp& warp : cta.warps) kernel_.empty_warps += warp.count == 0 ? 1 : 0;
    kernel_.warp_instructions += cta.instructions.size();
    for (const Instruction& instruction : cta.instructions) {
      kernel_.thread_instructions +=
          static_cast<std::uint64_t>(std::popcount(instruction.active_mask));
      const std::optional<RequestKind> kind = kind_of(instruction);
      if (!kind) continue;
      ++kernel_.requests[static_cast<std::size_t>(*kind)];
      if (instruction.space == Space::global) count_sectors(cta, instruction, *kind);
    }
  }

 private:
  void count_sectors(const Cta& cta, const Instruction& instruction, RequestKind kind) {
    sectors_.clear();
    const std::uint32_t count = instruction.address_count();
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::uint64_t begin = cta.address(instruction, i);
      const std::uint64_t last = (begin + instruction.access_bytes - 1) / kSectorBytes;
      for (std::uint64_t sector = begin / kSectorBytes; sector <= last; ++sector) {
        if (sectors_.empty() || sectors_.back() != sector) sectors_.push_back(sector);
      }
    }
    std::sort(sectors_.begin(), sectors_.end());
    sectors_.erase(std::unique(sectors_.begin(), sectors_.end()), sectors_.end());
    if (kind == RequestKind::global_load || kind == RequestKind::async_copy) {
      enter(kernel_.asked.load, &Touched::load);
    } else if (kind == RequestKind::global_store) {
      enter(kernel_.asked.store, &Touched::store);
    } else {
      enter(kernel_.asked.atomic, &Touched::atomic);
    }
  }

  void enter(std::uint64_t& asked, SectorSet Touched::*set) {
    asked += sectors_.size();
    for (const std::uint64_t sector : sectors_) {
      // What the kernel has touched the program has, too.
      if (!(in_kernel_.*set).insert(sector)) continue;
      in_kernel_.any.insert(sector);
      (in_all_.*set).insert(sector);
      in_all_.any.insert(sector);
    }
  }

  Counts& kernel_;
  Touched& in_kernel_;
  Touched& in_all_;
  std::vector<std::uint64_t> sectors_;  // of one request
};

void add(Counts& total, const Counts& kernel) {
  total.ctas += kernel.ctas;
  total.warps += kernel.warps;
  total.empty_warps += kernel.empty_warps;
  total.warp_instructions += kernel.warp_instructions;
  total.thread_instructions += kernel.thread_instructions;
  for (std::size_t i = 0; i < kRequestKindCount; ++i) total.requests[i] += kernel.requests[i];
  total.asked.load += kernel.asked.load;
  total.asked.store += kernel.asked.store;
  total.asked.atomic += kernel.asked.atomic;
}

}  // namespace

Facts gather_facts(Program& program) {
  Facts facts;
  Touched in_all;
  Cta cta;
  for (std::size_t i = 0; i < program.steps().size(); ++i) {
    const Step& step = program.steps()[i];
    if (step.is_copy()) {
      ++facts.copies;
      facts.copied_bytes += step.bytes;
      continue;
    }
    const std::unique_ptr<CtaSource> source = program.open(i);
    KernelFacts& kernel = facts.kernels.emplace_back();
    kernel.file = step.kernel_file;
    kernel.header = source->header();
    Touched in_kernel;
    Counter counter(kernel.counts, in_kernel, in_all);
    while (source->next(cta)) counter.count(cta);
    in_kernel.put_into(kernel.counts);
    add(facts.total, kernel.counts);
  }
  in_all.put_into(facts.total);
  facts.warnings = program.warnings();
  return facts;
}

}  // namespace strobe::trace
