#include "sim/trace/kernel_list.h"

#include <algorithm>
#include <filesystem>

#include "sim/base/check.h"
#include "sim/base/error.h"
#include "sim/trace/accelsim_reader.h"
#include "sim/trace/fields.h"
#include "sim/trace/text_input.h"

namespace strobe::trace {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kToDevice = "MemcpyHtoD", kToHost = "MemcpyDtoH";

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

// What stands before the next comma; `line` then starts behind it.
std::string_view take_field(std::string_view& line) {
  const std::size_t comma = std::min(line.find(','), line.size());
  const std::string_view field = line.substr(0, comma);
  line.remove_prefix(std::min(comma + 1, line.size()));
  return Fields(field).word();
}

Step read_copy(std::string_view line, const TextInput& input) {
  Step step;
  const std::string command(take_field(line));
  step.what = command == kToHost ? Step::What::copy_to_host : Step::What::copy_to_device;
  Fields address(take_field(line)), bytes(take_field(line));
  if (!address.hexadecimal(step.address) || !bytes.decimal(step.bytes)) {
    input.fail("expected '" + command + ",0xADDRESS,BYTES'");
  }
  if (step.address + step.bytes < step.address) {
    input.fail("the copy ends beyond the last 64-bit address");
  }
  return step;
}

Step kernel_step(std::string file) {
  Step step;
  step.what = Step::What::kernel;
  step.kernel_file = std::move(file);
  return step;
}

class FileProgram : public Program {
 public:
  // `file` is the list, or the one kernel.
  FileProgram(std::vector<Step> steps, std::string file)
      : steps_(std::move(steps)),
        file_(std::move(file)),
        folder_(fs::path(file_).parent_path().string()) {}

  const std::vector<Step>& steps() const override { return steps_; }

  std::vector<std::string> files() const override {
    std::vector<std::string> files{file_};
    for (const Step& step : steps_) {
      if (step.what != Step::What::kernel) continue;
      const std::string path = path_of(step);
      if (std::find(files.begin(), files.end(), path) == files.end()) files.push_back(path);
    }
    return files;
  }

  std::unique_ptr<CtaSource> open(std::size_t index) override {
    STROBE_CHECK(index < steps_.size() && steps_[index].what == Step::What::kernel);
    return open_accelsim(path_of(steps_[index]), log_);
  }

  void check() override {
    // In the order of the list, so that the first damage named is the first met.
    for (const std::string& file : files()) {
      const bool is_list = file == file_ && !is_single_kernel();
      if (!is_list) check_accelsim(file);
    }
  }

  std::vector<Warning> warnings() const override { return log_.all(); }

 private:
  std::string path_of(const Step& step) const {
    return (fs::path(folder_) / step.kernel_file).string();
  }

  bool is_single_kernel() const {
    return steps_.front().what == Step::What::kernel && path_of(steps_.front()) == file_;
  }

  std::vector<Step> steps_;
  std::string file_, folder_;
  WarningLog log_;
};

bool is_kernel_file(const std::string& path) {
  std::string_view name = path;
  if (ends_with(name, ".xz")) name.remove_suffix(3);
  if (ends_with(name, ".trace") || ends_with(name, ".traceg")) return true;
  TextInput input(path);
  std::string_view line;
  while (input.next(line) && line.empty()) {
  }
  return line.substr(0, 1) == "-";
}

std::string list_in(const std::string& folder) {
  for (const char* name : {"kernelslist.g", "kernelslist"}) {
    const fs::path list = fs::path(folder) / name;
    if (fs::exists(list)) return list.string();
  }
  throw UserError({folder}, "the folder has no kernelslist.g");
}

void refuse_binary(const std::string& path) {
  if (ends_with(path, ".tracez")) {
    throw UserError({path}, "binary .tracez traces are not supported; write them as .traceg");
  }
}

}  // namespace

std::vector<Step> read_kernel_list(const std::string& path) {
  TextInput input(path);
  const fs::path folder = fs::path(path).parent_path();
  std::vector<Step> steps;
  std::string_view line;
  while (input.next(line)) {
    const std::string_view command = line.substr(0, kToDevice.size());
    if (command == kToDevice || command == kToHost) {
      steps.push_back(read_copy(line, input));
    } else if (line.substr(0, 6) == "kernel") {
      std::string file(line);
      if (file.find('\0') != std::string::npos) input.fail("the file's name holds a zero byte");
      refuse_binary(file);
      std::error_code unused;
      if (!fs::exists(folder / file, unused)) input.fail("there is no file '" + file + "'");
      steps.push_back(kernel_step(std::move(file)));
    }
  }
  if (steps.empty()) {
    throw UserError({path}, "is neither a kernel trace nor a list of kernels and copies");
  }
  return steps;
}

std::unique_ptr<Program> open_program(const std::string& path) {
  refuse_binary(path);
  std::error_code unused;
  const std::string file = fs::is_directory(path, unused) ? list_in(path) : path;
  std::vector<Step> steps;
  if (is_kernel_file(file)) {
    steps.push_back(kernel_step(fs::path(file).filename().string()));
  } else {
    steps = read_kernel_list(file);
  }
  return std::make_unique<FileProgram>(std::move(steps), file);
}

}  // namespace strobe::trace
