#include "sim/layers/layer_program.h"

#include <algorithm>
#include <utility>

#include "sim/base/check.h"

namespace strobe::layers {
namespace {

class KernelCtas : public trace::CtaSource {
 public:
  KernelCtas(const Kernel& kernel, std::uint64_t id, std::uint64_t rounds)
      : kernel_(kernel), header_(kernel.header()), rounds_(rounds) {
    header_.id = id;
  }

  const trace::KernelHeader& header() const override { return header_; }
  std::uint64_t alike_ctas() const override { return kernel_.alike_ctas(); }
  std::uint64_t period() const override { return kernel_.period(); }
  std::uint64_t loop_rounds() const override { return rounds_; }
  void skip(std::uint64_t ctas) override {
    STROBE_CHECK(next_ + ctas <= alike_ctas());
    next_ += ctas;
  }

  bool next(trace::Cta& into) override {
    if (next_ == header_.cta_count()) return false;
    const std::uint64_t in_plane = std::uint64_t{header_.grid[0]} * header_.grid[1];
    into.index = {static_cast<std::uint32_t>(next_ % header_.grid[0]),
                  static_cast<std::uint32_t>(next_ % in_plane / header_.grid[0]),
                  static_cast<std::uint32_t>(next_ / in_plane)};
    into.warps.clear();
    into.instructions.clear();
    into.addresses.clear();
    kernel_.fill(into, rounds_);
    ++next_;
    return true;
  }

 private:
  const Kernel& kernel_;
  trace::KernelHeader header_;
  std::uint64_t rounds_;
  std::uint64_t next_ = 0;
};

}  // namespace

LayerProgram::LayerProgram(const std::vector<std::unique_ptr<Kernel>>& kernels,
                           const device::GpuSpec& gpu, Rounds rounds,
                           const std::optional<L2Contents>& held)
    : kernels_(kernels), rounds_(std::move(rounds)) {
  STROBE_CHECK(rounds_.size() == kernels.size());
  const std::uint64_t l2_bytes = device::cached_bytes(gpu);
  dirty_share_ = dirty_of_cut(l2_bytes);
  if (held) {
    add_contents(*held, l2_bytes);
  } else {
    add_what_l2_holds(kernels.back()->arrays(), l2_bytes);
  }
  first_kernel_ = steps_.size();
  for (const std::unique_ptr<Kernel>& kernel : kernels) {
    trace::Step step;
    step.what = trace::Step::What::kernel;
    step.kernel_file = kernel->header().name;
    steps_.push_back(step);
  }
}

// All of it passes through the L2, so that what is dirty leaves once, while as much is read as the
// arrays have. The rounds that stand for the others see the beginning only: were all of it dirty,
// each of them would have to wait for write-backs that only the first rounds see.
double LayerProgram::dirty_of_cut(std::uint64_t l2_bytes) const {
  std::uint64_t most_read = 0;
  for (std::size_t i = 0; i < kernels_.size(); ++i) {
    if (rounds_[i] == kernels_[i]->loop_rounds()) continue;
    std::uint64_t read = 0;
    for (const Array& array : kernels_[i]->arrays()) read += array.bytes;
    most_read = std::max(most_read, read);
  }
  return most_read <= l2_bytes ? 1.0
                               : static_cast<double>(l2_bytes) / static_cast<double>(most_read);
}

// In pieces, where only a part is dirty, so that clean and dirty lines leave in turn.
void LayerProgram::hold(std::uint64_t address, std::uint64_t bytes, bool dirty) {
  constexpr std::uint64_t kPieces = 16;
  if (!dirty || dirty_share_ == 1) return step_in_l2(address, bytes, dirty);
  for (std::uint64_t piece = 0; piece < kPieces; ++piece) {
    const std::uint64_t begin = bytes * piece / kPieces, end = bytes * (piece + 1) / kPieces;
    const auto of_dirty =
        static_cast<std::uint64_t>(static_cast<double>(end - begin) * dirty_share_);
    step_in_l2(address + begin, of_dirty, true);
    step_in_l2(address + begin + of_dirty, end - begin - of_dirty, false);
  }
}

void LayerProgram::step_in_l2(std::uint64_t address, std::uint64_t bytes, bool dirty) {
  if (bytes > 0) steps_.push_back({trace::Step::What::in_l2, address, bytes, dirty, {}});
}

// What lies elsewhere was used before the arrays were. Of an array that is not held whole, its end
// is, because kernels go through arrays from their beginning.
void LayerProgram::add_contents(const L2Contents& contents, std::uint64_t l2_bytes) {
  constexpr std::uint64_t kElsewhere = 0x7E0000000000;  // where no array lies
  const std::uint64_t clean = l2_bytes * contents.others_clean.sixteenths / HeldShare::kAll;
  const std::uint64_t dirty = l2_bytes * contents.others_dirty.sixteenths / HeldShare::kAll;
  hold(kElsewhere, clean, false);
  hold(kElsewhere + clean, dirty, true);
  std::size_t read = 0, written = 0;
  for (const Array& array : kernels_.front()->arrays()) {
    const std::vector<HeldShare>& shares = array.written ? contents.writes : contents.reads;
    std::size_t& next = array.written ? written : read;
    if (next == shares.size()) continue;
    const HeldShare share = shares[next++];
    const std::uint64_t bytes = array.bytes * share.sixteenths / HeldShare::kAll;
    hold(array.address + array.bytes - bytes, bytes, share.dirty);
  }
}

// A layer that is timed runs again and again on the same arrays, and one of a network finds what
// the layer before it left: the ends of the arrays that the last kernel went through side by side,
// as far as they fit, what was written still dirty.
void LayerProgram::add_what_l2_holds(const std::vector<Array>& arrays, std::uint64_t l2_bytes) {
  constexpr std::uint64_t kPieces = 64;
  double all = 0;
  for (const Array& array : arrays) all += static_cast<double>(array.bytes);
  const double share = std::min(1.0, static_cast<double>(l2_bytes) / all);
  for (std::uint64_t piece = 0; piece < kPieces; ++piece) {
    for (const Array& array : arrays) {
      const auto held = static_cast<std::uint64_t>(static_cast<double>(array.bytes) * share);
      const std::uint64_t begin = held * piece / kPieces, end = held * (piece + 1) / kPieces;
      hold(array.address + array.bytes - held + begin, end - begin, array.written);
    }
  }
}

std::unique_ptr<trace::CtaSource> LayerProgram::open(std::size_t index) {
  STROBE_CHECK(index >= first_kernel_ && index < steps_.size());
  const std::size_t number = index - first_kernel_;
  return std::make_unique<KernelCtas>(*kernels_[number], number + 1, rounds_[number]);
}

}  // namespace strobe::layers
