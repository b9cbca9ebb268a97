#include "sim/sweep/parts.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "sim/base/error.h"

namespace strobe::sweep {
namespace {

namespace fs = std::filesystem;

// "time", "warp_time_ps selected": every number of a run.
std::vector<std::string> names_of(const report::Grid& sweep) {
  std::vector<std::string> names;
  for (const report::GridColumn& column : sweep.columns) {
    const auto inner = std::ranges::find(sweep.inner, column.along,
                                         [](const auto& each) { return each.label.name; });
    for (std::size_t i = 0; i < column.size; ++i) {
      names.push_back(column.label.name);
      if (inner == sweep.inner.end()) continue;
      names.back() += " " + std::get<std::vector<std::string>>(inner->values)[i];
    }
  }
  return names;
}

// A part is a grid of one place with one variable: a file of a hundred takes HDF5 longer than many
// a run.
report::Grid grid_of(const PlannedRun& run, const report::GridRow& row, const report::Grid& sweep) {
  report::Grid part;
  part.attributes = {{"title", "One run of a sweep: " + run.label},
                     {"strobe_version", sweep.text("strobe_version")},
                     {"strobe_program", sweep.text("strobe_program")},
                     {"command_line", sweep.text("command_line")},
                     {"run", run.hash}};
  part.dimensions.push_back(
      {{"run", "1", "the run"}, {"run"}, {1}, std::vector<std::string>{run.label}});
  std::vector<std::string> names = names_of(sweep);
  const std::size_t count = names.size();
  part.inner.push_back({{"name", "1", "what it is called"}, {"name"}, {count}, std::move(names)});
  part.columns.push_back(
      {{"value", "1", "numbers of the run, in units of their own"}, "name", count});
  part.rows.push_back(row);
  return part;
}

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "?";
}

// Who wrote its name into the lock.
std::string holder_of(int lock) {
  std::array<char, 300> text{};
  const ssize_t size = ::pread(lock, text.data(), text.size() - 1, 0);
  return size > 0 ? std::string(text.data(), static_cast<std::size_t>(size)) : "unknown";
}

}  // namespace

Parts::Parts(const fs::path& output) : folder_(output.string() + ".parts") {
  std::error_code error;
  fs::create_directory(folder_, error);
  if (error) {
    throw UserError(fmt::format("cannot write {}: {}", folder_.string(), error.message()));
  }
  lock();
  remove_leftovers(output);
}

Parts::~Parts() {
  if (lock_ >= 0) ::close(lock_);
}

void Parts::lock() {
  const fs::path path = folder_ / "lock";
  lock_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (lock_ < 0) {
    throw UserError(fmt::format("cannot write {}: {}", path.string(), std::strerror(errno)));
  }
  if (::flock(lock_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    const std::string holder = holder_of(lock_);
    ::close(lock_);
    throw UserError(
        fmt::format("another sweep is writing {} (process {})", folder_.string(), holder));
  }
  // Some network file systems have no locks. Two sweeps then do the same work twice, and as parts
  // are named by what they are and appear whole, nothing worse.
  const std::string self = fmt::format("{} on {}", ::getpid(), host_name());
  const bool named =
      ::ftruncate(lock_, 0) == 0 && ::pwrite(lock_, self.data(), self.size(), 0) >= 0;
  if (!named && errno != ENOSPC) {
    throw UserError(fmt::format("cannot write {}: {}", path.string(), std::strerror(errno)));
  }
}

// What a killed program left half written, here and beside the output.
void Parts::remove_leftovers(const fs::path& output) const {
  const std::string begin = output.filename().string() + ".";
  const fs::path beside = folder_.parent_path().empty() ? "." : folder_.parent_path();
  for (const fs::path& folder : {folder_, beside}) {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
      const std::string name = entry.path().filename().string();
      if (entry.path().extension() != ".tmp") continue;
      if (folder == folder_ || name.starts_with(begin)) fs::remove(entry.path(), ignored);
    }
  }
}

fs::path Parts::path_of(const PlannedRun& run) const {
  constexpr std::size_t kEnough = 32;  // of 64 digits
  return folder_ / (run.hash.substr(0, kEnough) + ".h5");
}

std::optional<report::GridRow> Parts::find(const PlannedRun& run, const report::Grid& grid) const {
  const fs::path path = path_of(run);
  std::error_code error;
  if (!fs::exists(path, error)) return std::nullopt;
  try {
    report::Grid part = report::read_grid(path);
    const bool is_it = part.text("run") == run.hash && part.inner.size() == 1 &&
                       part.inner.front().values == report::StoredValues(names_of(grid)) &&
                       part.rows.size() == 1 && part.rows.front().status == report::RunStatus::done;
    if (is_it) return std::move(part.rows.front());
  } catch (const UserError&) {
    // Damaged: the run is done again and replaces it.
  }
  return std::nullopt;
}

void Parts::keep(const PlannedRun& run, const report::GridRow& row,
                 const report::Grid& grid) const {
  report::write_grid(path_of(run), grid_of(run, row, grid));
}

}  // namespace strobe::sweep
