#include "sim/trace/raw_source.h"

#include <algorithm>
#include <unordered_map>

#include "sim/trace/cta_ledger.h"
#include "sim/trace/instruction_line.h"
#include "sim/trace/line_prefix.h"

namespace strobe::trace {
namespace {

using Index3 = std::array<std::uint32_t, 3>;

struct OwnedLine {
  Index3 cta{};
  std::uint32_t warp = 0;
  std::string_view text;  // without the numbers that say whose it is
};

// Takes the raw lines of one file one by one and says whose they are.
class RawLines {
 public:
  RawLines(TextInput& input, const FileHeader& header)
      : input_(input), header_(header), ledger_(header.kernel) {}

  bool next(OwnedLine& line) {
    std::string_view text;
    do {
      if (!input_.next(text)) return false;
      if (!input_.line_ended()) input_.fail("the file ends in the middle of this line");
    } while (text.empty() || text[0] == '#');
    if (prefix_ == 0) prefix_ = std::max(4U, prefix_length(text, header_.line_numbers, 4));
    Fields fields(text);
    bool is_good = true;
    for (std::uint32_t& coordinate : line.cta) is_good = is_good && fields.decimal(coordinate);
    if (!is_good || !fields.decimal(line.warp)) {
      input_.fail("expected the numbers of a CTA and its warp, found '" +
                  std::string(fields.peek().substr(0, 40)) + "'");
    }
    for (std::uint32_t i = 4; i < prefix_; ++i) fields.word();
    line.text = fields.rest();
    require_place(line);
    return true;
  }

  const CtaLedger& ledger() const { return ledger_; }

 private:
  void require_place(const OwnedLine& line) const {
    if (!ledger_.is_inside(line.cta)) {
      input_.fail("thread block " + CtaLedger::text(line.cta) + " is outside the grid " +
                  ledger_.grid_text());
    }
    if (line.warp >= header_.kernel.warps_per_cta()) {
      input_.fail("warp " + std::to_string(line.warp) + " in a block of " +
                  std::to_string(header_.kernel.warps_per_cta()) + " warps");
    }
  }

  TextInput& input_;
  const FileHeader& header_;
  CtaLedger ledger_;
  std::uint32_t prefix_ = 0;
};

// The CTAs of a raw file in order of first appearance, and what each needs in memory.
class RawIndex {
 public:
  struct Entry {
    Index3 cta{};
    std::uint64_t bytes = 0;
  };

  RawIndex(TextInput& input, const FileHeader& header, std::uint64_t bytes_per_line) {
    RawLines lines(input, header);
    CtaLedger ledger(header.kernel);
    OwnedLine line;
    while (lines.next(line)) {
      const std::uint64_t key = ledger.index_of(line.cta);
      if (last_ == kNone || key != last_key_) {
        last_ =
            ordinals_.try_emplace(key, static_cast<std::uint32_t>(entries_.size())).first->second;
        last_key_ = key;
        if (last_ == entries_.size()) {
          entries_.push_back({line.cta, 0});
          ledger.enter(line.cta);
        }
      }
      entries_[last_].bytes += line.text.size() + bytes_per_line;
    }
    ledger.require_complete(input.path());
  }

  const std::vector<Entry>& entries() const { return entries_; }
  std::uint32_t ordinal(std::uint64_t key) const { return ordinals_.at(key); }

 private:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  std::vector<Entry> entries_;
  std::unordered_map<std::uint64_t, std::uint32_t> ordinals_;
  std::uint32_t last_ = kNone;  // lines of one CTA often follow each other
  std::uint64_t last_key_ = 0;
};

// One line kept in memory for this pass.
struct KeptLine {
  std::uint32_t ordinal = 0;
  std::uint32_t warp = 0;
  std::uint64_t offset = 0;  // into the text kept
  std::uint32_t size = 0;
  std::int64_t line_number = 0;
};

class RawSource : public CtaSource {
 public:
  RawSource(TextInput& input, FileHeader header, WarningLog& log, std::uint64_t pass_bytes)
      : path_(input.path()),
        header_(std::move(header)),
        index_(input, header_, sizeof(KeptLine)),
        parser_(header_, log),
        pass_bytes_(pass_bytes) {}

  const KernelHeader& header() const override { return header_.kernel; }

  bool next(Cta& into) override {
    if (next_cta_ == index_.entries().size()) return false;
    if (next_cta_ == pass_end_) collect();
    into.index = index_.entries()[next_cta_].cta;
    into.warps.assign(header_.kernel.warps_per_cta(), Warp{});
    into.instructions.clear();
    into.addresses.clear();
    while (next_line_ < kept_.size() && kept_[next_line_].ordinal == next_cta_) {
      fill_warp(into);
    }
    ++next_cta_;
    return true;
  }

 private:
  // Reads the whole file again and keeps the lines of the next CTAs, grouped.
  void collect() {
    std::uint64_t bytes = 0;
    do {
      bytes += index_.entries()[pass_end_++].bytes;
    } while (pass_end_ < index_.entries().size() &&
             bytes + index_.entries()[pass_end_].bytes <= pass_bytes_);
    kept_.clear();
    text_.clear();
    next_line_ = 0;
    TextInput input(path_);
    WarningLog unused;
    read_header(input, unused);
    RawLines lines(input, header_);
    OwnedLine line;
    while (lines.next(line)) {
      const std::uint32_t ordinal = index_.ordinal(lines.ledger().index_of(line.cta));
      if (ordinal < next_cta_ || ordinal >= pass_end_) continue;
      kept_.push_back({ordinal, line.warp, text_.size(),
                       static_cast<std::uint32_t>(line.text.size()), input.line_number()});
      text_.append(line.text);
    }
    std::stable_sort(kept_.begin(), kept_.end(), [](const KeptLine& a, const KeptLine& b) {
      return a.ordinal != b.ordinal ? a.ordinal < b.ordinal : a.warp < b.warp;
    });
  }

  void fill_warp(Cta& into) {
    const std::uint32_t number = kept_[next_line_].warp;
    Warp& warp = into.warps[number];
    warp.first = static_cast<std::uint32_t>(into.instructions.size());
    bool is_half_pair = false;
    for (; next_line_ < kept_.size() && kept_[next_line_].ordinal == next_cta_ &&
           kept_[next_line_].warp == number;
         ++next_line_) {
      const KeptLine& line = kept_[next_line_];
      if (!parser_.parse(std::string_view(text_).substr(line.offset, line.size), into)) {
        throw UserError({path_, line.line_number}, parser_.error());
      }
      is_half_pair = join_pair(into, warp, is_half_pair);
      warp.count = static_cast<std::uint32_t>(into.instructions.size()) - warp.first;
    }
  }

  // LDGSTS comes as two lines, first with its shared, then with its global addresses; the second
  // one stays. (The post-processor tells them by the opcode alone and so halves
  // ARRIVES.LDGSTSBAR, which comes once.) True when the first of a pair was just added.
  bool join_pair(Cta& into, const Warp& warp, bool is_half_pair) const {
    std::vector<Instruction>& all = into.instructions;
    const Instruction last = all.back();
    if (last.op != Op::async_copy || last.bulk_count != 0) return false;
    if (!is_half_pair || all.size() - warp.first < 2) return true;
    const Instruction first = all[all.size() - 2];
    if (first.pc != last.pc || first.active_mask != last.active_mask) return true;
    all.pop_back();
    all.back() = last;
    return false;
  }

  std::string path_;
  FileHeader header_;
  RawIndex index_;
  InstructionParser parser_;
  std::uint64_t pass_bytes_;
  std::uint32_t next_cta_ = 0;
  std::uint32_t pass_end_ = 0;  // the CTAs before it are in memory or done
  std::vector<KeptLine> kept_;
  std::string text_;
  std::size_t next_line_ = 0;
};

}  // namespace

std::unique_ptr<CtaSource> open_raw(TextInput& input, const FileHeader& header, WarningLog& log,
                                    std::uint64_t pass_bytes) {
  return std::make_unique<RawSource>(input, header, log, pass_bytes);
}

}  // namespace strobe::trace
