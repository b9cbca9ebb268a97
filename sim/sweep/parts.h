#pragma once

// The results that a sweep has so far: a folder OUT.parts beside its output with a small file for
// each run that is done, named by the hash of all that the run depends on. A file appears whole or
// not at all, so whatever happens to the program, what is in the folder can be used; and what is to
// be used again is found by what it is, not by where it stood in the plan.

#include <filesystem>
#include <optional>
#include <string>

#include "sim/report/grid.h"
#include "sim/sweep/plan.h"

namespace strobe::sweep {

class Parts {
 public:
  // Makes the folder and locks it until the end of the object. Throws UserError when that fails,
  // and when another sweep has the lock.
  explicit Parts(const std::filesystem::path& output);
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;
  ~Parts();

  // The result of a run, if it is there and whole.
  std::optional<report::GridRow> find(const PlannedRun& run, const report::Grid& grid) const;
  // Throws UserError when it cannot be written.
  void keep(const PlannedRun& run, const report::GridRow& row, const report::Grid& grid) const;

  const std::filesystem::path& folder() const { return folder_; }

 private:
  void lock();
  void remove_leftovers(const std::filesystem::path& output) const;
  std::filesystem::path path_of(const PlannedRun& run) const;

  std::filesystem::path folder_;
  int lock_ = -1;
};

}  // namespace strobe::sweep
