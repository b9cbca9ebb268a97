#include "sim/report/provenance.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <memory>

#include "sim/base/check.h"
#include "sim/base/error.h"

namespace strobe::report {
namespace {

// OpenSSL's is used because users can check it with sha256sum and because it hashes a trace of
// gigabytes at the speed of the disk.
class Sha256 {
 public:
  Sha256() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
    STROBE_CHECK(EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1);
  }
  void add(const void* data, std::size_t size) {
    STROBE_CHECK(EVP_DigestUpdate(context_.get(), data, size) == 1);
  }
  std::string hex() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    STROBE_CHECK(EVP_DigestFinal_ex(context_.get(), digest.data(), &size) == 1);
    std::string text;
    for (unsigned i = 0; i < size; ++i) text += fmt::format("{:02x}", digest[i]);
    return text;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context_;
};

InputFile hash_input(const std::filesystem::path& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                             std::fclose);
  if (!file) throw UserError({path.string()}, std::strerror(errno));
  InputFile input{path.string(), 0, {}};
  Sha256 hash;
  std::vector<char> buffer(1 << 18);
  while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), file.get())) {
    hash.add(buffer.data(), got);
    input.bytes += got;
  }
  if (std::ferror(file.get()) != 0) throw UserError({path.string()}, std::strerror(errno));
  input.sha256 = hash.hex();
  return input;
}

}  // namespace

std::vector<InputFile> hash_inputs(std::span<const std::filesystem::path> files) {
  std::vector<InputFile> inputs;
  for (const std::filesystem::path& file : files) inputs.push_back(hash_input(file));
  return inputs;
}

std::string sha256(std::string_view bytes) {
  Sha256 hash;
  hash.add(bytes.data(), bytes.size());
  return hash.hex();
}

std::string utc_now() {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
}

}  // namespace strobe::report
