#include "sim/trace/accelsim_reader.h"

#include "sim/trace/grouped_file.h"
#include "sim/trace/instruction_line.h"
#include "sim/trace/line_prefix.h"
#include "sim/trace/raw_source.h"

namespace strobe::trace {
namespace {

constexpr std::uint32_t kVersionWithoutPrefix = 3;

class GroupedSource : public CtaSource {
 public:
  GroupedSource(std::unique_ptr<TextInput> input, FileHeader header, WarningLog& log)
      : input_(std::move(input)),
        header_(std::move(header)),
        file_(*input_, header_.kernel),
        parser_(header_, log) {}

  const KernelHeader& header() const override { return header_.kernel; }

  bool next(Cta& into) override {
    into.warps.assign(header_.kernel.warps_per_cta(), Warp{});
    into.instructions.clear();
    into.addresses.clear();
    Warp* warp = nullptr;
    return file_.next_cta(
        into.index,
        [&](std::uint32_t number) {
          warp = &into.warps[number];
          warp->first = static_cast<std::uint32_t>(into.instructions.size());
        },
        [&](std::string_view line) {
          if (!parser_.parse(without_prefix(line), into)) input_->fail(parser_.error());
          ++warp->count;
        });
  }

 private:
  std::string_view without_prefix(std::string_view line) {
    if (!knows_prefix_) {
      const bool is_old = header_.kernel.tracer_version < kVersionWithoutPrefix;
      prefix_ = prefix_length(line, header_.line_numbers, is_old ? 4 : 0);
      knows_prefix_ = true;
    }
    if (prefix_ == 0) return line;
    Fields fields(line);
    for (std::uint32_t i = 0; i < prefix_; ++i) fields.word();
    return fields.rest();
  }

  std::unique_ptr<TextInput> input_;
  FileHeader header_;
  GroupedFile file_;
  InstructionParser parser_;
  std::uint32_t prefix_ = 0;
  bool knows_prefix_ = false;
};

// Instruction lines stand right behind the header of a raw trace.
bool is_raw(TextInput& input) {
  std::string_view line;
  do {
    if (!input.next(line)) return false;
  } while (line.empty());
  input.unread();
  return line[0] != '#' && line.substr(0, 6) != "thread";
}

}  // namespace

std::unique_ptr<CtaSource> open_accelsim(const std::string& path, WarningLog& log) {
  auto input = std::make_unique<TextInput>(path);
  FileHeader header = read_header(*input, log);
  if (is_raw(*input)) return open_raw(*input, header, log);
  return std::make_unique<GroupedSource>(std::move(input), std::move(header), log);
}

void check_accelsim(const std::string& path) {
  TextInput input(path);
  WarningLog unused;
  const FileHeader header = read_header(input, unused);
  if (is_raw(input)) {
    open_raw(input, header, unused);
    return;
  }
  GroupedFile file(input, header.kernel);
  std::array<std::uint32_t, 3> cta{};
  while (file.next_cta(
      cta, [](std::uint32_t) {}, [](std::string_view) {})) {
  }
}

}  // namespace strobe::trace
