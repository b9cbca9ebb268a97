// What happens to a result file, and to the one before it, when writing fails.

#include "sim/report/output_file.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include "sim/base/error.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

using namespace strobe;
using namespace strobe::report;
namespace fs = std::filesystem;

namespace {

const std::vector<std::byte> kNew(100'000, std::byte{'n'});

void write_old(const fs::path& path) {
  std::ofstream(path) << "old";
}

std::string content(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::size_t files_in(const fs::path& directory) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(directory), fs::directory_iterator()));
}

std::string refusal(const std::function<void()>& act) {
  try {
    act();
  } catch (const UserError& error) {
    return error.what();
  }
  return "no error";
}

// Runs `act` in a process of its own, for what cannot be undone in this one.
int wait_status_of(const std::function<int()>& act) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(act());
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

void limit_file_size(rlim_t bytes) {
  const rlimit limit{bytes, bytes};
  ::setrlimit(RLIMIT_FSIZE, &limit);
}

// This process becomes the superuser of a world of its own, when it is none.
bool may_mount() {
  const std::string user = std::to_string(::getuid());
  if (::unshare(CLONE_NEWNS) == 0) return true;
  if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
  return static_cast<bool>(std::ofstream("/proc/self/uid_map") << "0 " << user << " 1");
}

// A file system of 64 KiB over `directory`, seen by this process alone. False when not permitted.
bool mount_tiny_disk(const fs::path& directory) {
  return may_mount() && ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         ::mount("none", directory.c_str(), "tmpfs", 0, "size=64k") == 0;
}

}  // namespace

TEST_CASE("a file that can be written replaces the old one and leaves nothing beside it",
          "[report]") {
  const test::TemporaryDirectory directory;
  const fs::path path = directory / "out.h5";
  write_old(path);
  replace_file(path, kNew);
  CHECK(content(path) == std::string(100'000, 'n'));
  CHECK(files_in(directory.path()) == 1);
}

TEST_CASE("asking whether a file can be written leaves no trace", "[report]") {
  const test::TemporaryDirectory directory;
  ensure_writable(directory / "out.h5");
  CHECK(files_in(directory.path()) == 0);
}

TEST_CASE("a directory that is not there is refused by name and reason", "[report]") {
  const test::TemporaryDirectory directory;
  const fs::path path = directory / "nowhere" / "out.h5";
  CHECK(refusal([&] { ensure_writable(path); }) ==
        "cannot write " + path.string() + ": No such file or directory");
}

// With a pipe and not with /dev/null: where the check is broken, the superuser's test run would
// replace the machine's own.
TEST_CASE("a target that is a directory or a device is refused and stays", "[report]") {
  const test::TemporaryDirectory directory;
  const fs::path pipe = directory / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0666) == 0);
  CHECK(refusal([&] { ensure_writable(directory.path()); }) ==
        "cannot write " + directory.path().string() + ": it is a directory");
  CHECK(refusal([&] { replace_file(pipe, kNew); }) ==
        "cannot write " + pipe.string() + ": it is not a regular file");
  CHECK(fs::is_fifo(pipe));
}

TEST_CASE("an unwritable directory is refused before any work", "[report]") {
  const test::TemporaryDirectory directory;
  // A superuser may write anywhere, so the question is asked by somebody else.
  fs::permissions(directory.path(), fs::perms::owner_read | fs::perms::owner_exec |
                                        fs::perms::others_read | fs::perms::others_exec);
  const int status = wait_status_of([&] {
    if (::getuid() == 0 && ::setuid(65534) != 0) return 2;
    const std::string message = refusal([&] { ensure_writable(directory / "out.h5"); });
    return message.ends_with("Permission denied") ? 0 : 1;
  });
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("a symbolic link keeps leading to the file it led to", "[report]") {
  const test::TemporaryDirectory directory;
  write_old(directory / "real.h5");
  fs::create_symlink("real.h5", directory / "link.h5");
  replace_file(directory / "link.h5", kNew);
  CHECK(fs::is_symlink(directory / "link.h5"));
  CHECK(fs::file_size(directory / "real.h5") == kNew.size());
}

TEST_CASE("a write that stops half way leaves the old file and nothing beside it", "[report]") {
  const test::TemporaryDirectory directory;
  const fs::path path = directory / "out.h5";
  write_old(path);
  const int status = wait_status_of([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    limit_file_size(50'000);
    const std::string message = refusal([&] { replace_file(path, kNew); });
    return message == "cannot write " + path.string() + ": File too large" ? 0 : 1;
  });
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(content(path) == "old");
  CHECK(files_in(directory.path()) == 1);
}

TEST_CASE("a full disk is reported as such and leaves the old file", "[report]") {
  const test::TemporaryDirectory directory;
  constexpr int kNotPermitted = 77;
  const int status = wait_status_of([&] {
    if (!mount_tiny_disk(directory.path())) return kNotPermitted;
    const fs::path path = directory / "out.h5";
    write_old(path);
    const std::string message = refusal([&] { replace_file(path, kNew); });
    const bool reported = message.ends_with(": No space left on device");
    return reported && content(path) == "old" && files_in(directory.path()) == 1 ? 0 : 1;
  });
  CHECK(WIFEXITED(status));
  if (WEXITSTATUS(status) == kNotPermitted) {
    WARN("skipped: this process may not mount a small disk");
  } else {
    CHECK(WEXITSTATUS(status) == 0);
  }
}

TEST_CASE("a process killed in the middle of writing leaves the old file", "[report]") {
  const test::TemporaryDirectory directory;
  const fs::path path = directory / "out.h5";
  write_old(path);
  const int status = wait_status_of([&] {
    limit_file_size(50'000);  // the kernel kills who goes on writing
    std::signal(SIGXFSZ, SIG_DFL);
    replace_file(path, kNew);
    return 0;
  });
  CHECK(WIFSIGNALED(status));
  CHECK(content(path) == "old");
}
