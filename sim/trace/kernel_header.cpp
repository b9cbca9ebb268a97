#include "sim/trace/kernel_header.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "sim/base/error.h"

namespace strobe::trace {
namespace {

constexpr std::array kArchitectures{35U, 37U, 50U, 52U, 53U, 60U,  61U,  62U,  70U,  72U,  75U,
                                    80U, 86U, 87U, 89U, 90U, 100U, 101U, 103U, 110U, 120U, 121U};
constexpr std::uint32_t kMaxRegisters = 255;
constexpr std::uint32_t kMaxThreads = 1024;
constexpr std::array<std::uint64_t, 3> kMaxGrid{0x7FFFFFFF, 65535, 65535};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

class HeaderReader {
 public:
  HeaderReader(TextInput& input, WarningLog& log) : input_(input), log_(log) {}

  FileHeader read() {
    std::string_view line;
    while (input_.next(line)) {
      if (line.empty()) continue;
      if (line[0] == '-') {
        take(line.substr(1));
      } else if (line[0] != '#' || line == "#BEGIN_TB") {
        input_.unread();
        break;
      }
    }
    require_shape();
    doubt();
    return header_;
  }

 private:
  void take(std::string_view line) {
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) input_.fail("expected '-name = value' in the header");
    const std::string_view key = trimmed(line.substr(0, equals));
    value_ = trimmed(line.substr(equals + 1));
    KernelHeader& kernel = header_.kernel;
    if (key == "kernel name") kernel.name = value_;
    if (key == "kernel id") kernel.id = number(key);
    if (key == "grid dim") kernel.grid = dimensions(key), has_grid_ = true;
    if (key == "block dim") kernel.block = dimensions(key), has_block_ = true;
    if (key == "shmem") kernel.shared_bytes = small_number(key);
    if (key == "nregs") kernel.registers = small_number(key);
    if (key == "binary version") kernel.architecture = small_number(key);
    if (key == "cuda stream id") kernel.stream = number(key);
    if (key == "shmem base_addr") kernel.shared_base = number(key, 16);
    if (key == "local mem base_addr") kernel.local_base = number(key, 16);
    if (key == "accelsim tracer version") kernel.tracer_version = small_number(key);
    if (key == "enable lineinfo") header_.line_numbers = number(key) != 0;
  }

  [[noreturn]] void refuse(std::string_view key, const char* expected) const {
    input_.fail("'" + std::string(key) + "' is '" + std::string(value_.substr(0, 40)) +
                "', expected " + expected);
  }

  std::uint64_t number(std::string_view key, int base = 10) const {
    std::string_view digits = value_;
    if (base == 16 && digits.substr(0, 2) == "0x") digits.remove_prefix(2);
    std::uint64_t value = 0;
    const auto [stop, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
    if (error != std::errc{} || stop != digits.data() + digits.size()) {
      refuse(key, base == 16 ? "a hexadecimal number" : "a whole number");
    }
    return value;
  }

  std::uint32_t small_number(std::string_view key) const {
    const std::uint64_t value = number(key);
    if (value > 0xFFFFFFFF) refuse(key, "a number below 2^32");
    return static_cast<std::uint32_t>(value);
  }

  std::array<std::uint32_t, 3> dimensions(std::string_view key) const {
    std::array<std::uint32_t, 3> sizes{};
    const char* at = value_.data();
    const char* const end = at + value_.size();
    for (std::size_t i = 0; i < 3; ++i) {
      if (at == end || *at++ != "(,,"[i]) refuse(key, "three sizes such as (196,1,1)");
      const auto [stop, error] = std::from_chars(at, end, sizes[i]);
      if (error != std::errc{}) refuse(key, "three sizes such as (196,1,1)");
      if (sizes[i] == 0) refuse(key, "sizes of at least 1");
      at = stop;
    }
    if (at == end || *at != ')') refuse(key, "three sizes such as (196,1,1)");
    if (key == "grid dim") {
      for (std::size_t i = 0; i < 3; ++i) {
        if (sizes[i] > kMaxGrid[i]) refuse(key, "at most (2147483647,65535,65535)");
      }
    } else if (std::max({sizes[0], sizes[1], sizes[2]}) > kMaxThreads ||
               sizes[0] * sizes[1] * sizes[2] > kMaxThreads) {
      refuse(key, "at most 1024 threads");
    }
    return sizes;
  }

  void require_shape() const {
    if (!has_grid_) input_.fail("the header has no '-grid dim'; is this a kernel trace?");
    if (!has_block_) input_.fail("the header has no '-block dim'; is this a kernel trace?");
  }

  // Real files carry nonsense here that hurts nothing but occupancy.
  void doubt() {
    KernelHeader& kernel = header_.kernel;
    if (kernel.registers > kMaxRegisters) {
      log_.add("header says nregs = " + std::to_string(kernel.registers) +
               "; a thread has at most 255 registers, replayed with 255");
      kernel.registers = kMaxRegisters;
    }
    if (std::find(kArchitectures.begin(), kArchitectures.end(), kernel.architecture) ==
        kArchitectures.end()) {
      log_.add("header says binary version = " + std::to_string(kernel.architecture) +
               ", an architecture Strobe does not know; opcodes are read as those of any other");
    }
    if (kernel.shared_bytes % 4 != 0) {
      log_.add("header says shmem = " + std::to_string(kernel.shared_bytes) +
               ", which is no multiple of 4 bytes; replayed as it is");
    }
  }

  TextInput& input_;
  WarningLog& log_;
  FileHeader header_;
  std::string_view value_;
  bool has_grid_ = false, has_block_ = false;
};

}  // namespace

FileHeader read_header(TextInput& input, WarningLog& log) {
  return HeaderReader(input, log).read();
}

}  // namespace strobe::trace
