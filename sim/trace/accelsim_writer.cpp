#include "sim/trace/accelsim_writer.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "sim/base/error.h"
#include "sim/trace/instruction_text.h"

namespace strobe::trace {
namespace {

namespace fs = std::filesystem;

// A text file that takes its name when it is finished.
class OutputFile {
 public:
  explicit OutputFile(fs::path path)
      : path_(std::move(path)), partial_(path_.string() + ".partial") {
    file_ = std::fopen(partial_.c_str(), "w");
    if (file_ == nullptr) fail();
  }
  ~OutputFile() {
    if (file_ == nullptr) return;
    std::fclose(file_);
    std::error_code unused;
    fs::remove(partial_, unused);
  }
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  void write(const fmt::memory_buffer& text) {
    if (std::fwrite(text.data(), 1, text.size(), file_) != text.size()) fail();
  }

  void finish() {
    const bool is_written = std::fclose(file_) == 0;
    file_ = nullptr;
    std::error_code error;
    if (is_written) fs::rename(partial_, path_, error);
    if (is_written && !error) return;
    const int why = is_written ? error.value() : errno;
    fs::remove(partial_, error);
    errno = why;
    fail();
  }

 private:
  [[noreturn]] void fail() const {
    throw UserError({path_.string()}, std::string("cannot be written: ") + std::strerror(errno));
  }

  fs::path path_;
  std::string partial_;
  std::FILE* file_ = nullptr;
};

void write_header(const KernelHeader& header, fmt::memory_buffer& text) {
  fmt::format_to(
      std::back_inserter(text),
      "-kernel name = {}\n-kernel id = {}\n-grid dim = ({},{},{})\n-block dim = ({},{},{})\n"
      "-shmem = {}\n-nregs = {}\n-binary version = {}\n-cuda stream id = {}\n"
      "-shmem base_addr = 0x{:016x}\n-local mem base_addr = 0x{:016x}\n-nvbit version = 1.7\n"
      "-accelsim tracer version = 5\n-enable lineinfo = 0\n\n"
      "#traces format = [line_num] PC mask dest_num [reg_dests] opcode src_num [reg_srcs] "
      "mem_width [adrrescompress?] [mem_addresses] immediate\n\n",
      header.name, header.id, header.grid[0], header.grid[1], header.grid[2], header.block[0],
      header.block[1], header.block[2], header.shared_bytes, header.registers, header.architecture,
      header.stream, header.shared_base, header.local_base);
}

void write_cta(const Cta& cta, fmt::memory_buffer& text) {
  fmt::format_to(std::back_inserter(text), "\n#BEGIN_TB\n\nthread block = {},{},{}\n", cta.index[0],
                 cta.index[1], cta.index[2]);
  for (std::size_t number = 0; number < cta.warps.size(); ++number) {
    const Warp& warp = cta.warps[number];
    fmt::format_to(std::back_inserter(text), "\nwarp = {}\ninsts = {}\n", number, warp.count);
    for (std::uint32_t i = 0; i < warp.count; ++i) {
      append_line(cta, cta.instructions[warp.first + i], text);
    }
  }
  fmt::format_to(std::back_inserter(text), "\n#END_TB\n");
}

void write_kernel(CtaSource& source, const fs::path& path) {
  OutputFile file(path);
  fmt::memory_buffer text;
  write_header(source.header(), text);
  file.write(text);
  Cta cta;
  while (source.next(cta)) {
    text.clear();
    write_cta(cta, text);
    file.write(text);
  }
  file.finish();
}

}  // namespace

void write_accelsim(Program& program, const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw UserError({folder}, "cannot be made: " + error.message());
  fmt::memory_buffer list;
  std::size_t kernels = 0;
  for (std::size_t i = 0; i < program.steps().size(); ++i) {
    const Step& step = program.steps()[i];
    if (step.is_copy()) {
      const char* const way = step.what == Step::What::copy_to_host ? "DtoH" : "HtoD";
      fmt::format_to(std::back_inserter(list), "Memcpy{},0x{:016x},{}\n", way, step.address,
                     step.bytes);
      continue;
    }
    const std::string name = fmt::format("kernel-{}.traceg", ++kernels);
    write_kernel(*program.open(i), fs::path(folder) / name);
    fmt::format_to(std::back_inserter(list), "{}\n", name);
  }
  OutputFile file(fs::path(folder) / "kernelslist.g");
  file.write(list);
  file.finish();
}

}  // namespace strobe::trace
