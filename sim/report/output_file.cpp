#include "sim/report/output_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <utility>

#include "sim/base/error.h"

namespace strobe::report {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const fs::path& path, const std::string& reason) {
  throw UserError(fmt::format("cannot write {}: {}", path.string(), reason));
}

// The file that a symbolic link leads to is replaced, not the link.
fs::path behind_links(const fs::path& path) {
  std::error_code ignored;
  const fs::path target = fs::weakly_canonical(path, ignored);
  return target.empty() ? path : target;
}

// A file that is gone when it was not published.
class TemporaryFile {
 public:
  // Two runs that write one target at once must not share it, hence the process in the name.
  explicit TemporaryFile(const fs::path& target)
      : name_(fmt::format("{}.{}.tmp", target.string(), ::getpid())),
        descriptor_(::open(name_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)) {}
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (!published_ && created_) ::unlink(name_.c_str());
  }

  bool created() const { return created_; }

  // The rest return false with errno set.
  bool write(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return false;
      bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return true;
  }
  // Network file systems report a full disk no sooner than fsync or close.
  bool settle() {
    return ::fsync(descriptor_) == 0 && ::close(std::exchange(descriptor_, -1)) == 0;
  }
  bool publish(const fs::path& target) {
    published_ = std::rename(name_.c_str(), target.c_str()) == 0;
    return published_;
  }

 private:
  std::string name_;
  int descriptor_;
  bool created_ = descriptor_ >= 0;
  bool published_ = false;
};

// Makes the new name outlast a power cut. The data is safe by then, so a file system that cannot
// sync a directory is no reason to fail.
void sync_directory_of(const fs::path& target) {
  const int directory = ::open(target.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return;
  ::fsync(directory);
  ::close(directory);
}

}  // namespace

void ensure_writable(const fs::path& path) {
  std::error_code error;
  const fs::path target = behind_links(path);
  const fs::file_status status = fs::status(target, error);
  if (fs::is_directory(status)) refuse(path, "it is a directory");
  if (fs::exists(status)) {
    if (!fs::is_regular_file(status)) refuse(path, "it is not a regular file");
    if (::access(target.c_str(), W_OK) != 0) refuse(path, std::strerror(errno));
  }
  // Trying is the only question that quotas, read-only mounts and superusers all answer rightly.
  if (!TemporaryFile(target).created()) refuse(path, std::strerror(errno));
}

void replace_file(const fs::path& path, std::span<const std::byte> bytes) {
  ensure_writable(path);
  const fs::path target = behind_links(path);
  TemporaryFile file(target);
  if (!file.created() || !file.write(bytes) || !file.settle() || !file.publish(target)) {
    refuse(path, std::strerror(errno));
  }
  sync_directory_of(target);
}

}  // namespace strobe::report
