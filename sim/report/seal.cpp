#include "sim/report/seal.h"

#include <string_view>

#include "sim/base/check.h"
#include "sim/report/provenance.h"

namespace strobe::report {
namespace {

constexpr std::string_view kBegin = "sha256:";
constexpr std::size_t kDigits = 64;

std::string_view view(std::span<const std::byte> file) {
  return {reinterpret_cast<const char*>(file.data()), file.size()};
}

}  // namespace

std::string blank_seal() {
  return std::string(kBegin) + std::string(kDigits, '0');
}

void seal(std::span<std::byte> file) {
  const std::size_t at = view(file).rfind(blank_seal());
  STROBE_CHECK(at != std::string_view::npos);
  const std::string digits = sha256(view(file));
  for (std::size_t i = 0; i < kDigits; ++i) {
    file[at + kBegin.size() + i] = static_cast<std::byte>(digits[i]);
  }
}

bool is_sealed_and_whole(std::span<const std::byte> file) {
  std::string blanked(view(file));
  // Other texts may begin alike; only the seal has the right digits.
  for (std::size_t at = blanked.find(kBegin); at != std::string::npos;
       at = blanked.find(kBegin, at + 1)) {
    const std::size_t first = at + kBegin.size();
    if (first + kDigits > blanked.size()) return false;
    const std::string digits = blanked.substr(first, kDigits);
    blanked.replace(first, kDigits, std::string(kDigits, '0'));
    if (sha256(blanked) == digits) return true;
    blanked.replace(first, kDigits, digits);
  }
  return false;
}

}  // namespace strobe::report
