#pragma once

// The grid that the axes of a sweep span, and the coordinates that stand along it in the result
// file.

#include <cstddef>
#include <string>
#include <vector>

#include "sim/report/grid.h"
#include "sim/sweep/sweep_file.h"

namespace strobe::sweep {

// Positions of all axes in one place of the grid.
using Positions = std::vector<std::size_t>;

class GridAxes {
 public:
  // Throws UserError when axes in step differ in length or there are too many places.
  explicit GridAxes(const SweepFile& sweep);

  std::size_t size() const { return size_; }
  // The last dimension is the fastest.
  Positions positions(std::size_t place) const;
  // What expressions may speak of there.
  std::vector<Named> names(const Positions& positions) const;
  // "l2_size=4 MiB work=copy", of what varies.
  std::string label(const Positions& positions) const;

  std::vector<report::StoredVariable> dimensions() const;
  // Axes in step, numbers beside texts with units, and derived values.
  std::vector<report::StoredVariable> coordinates() const;

 private:
  struct Dimension {
    std::string name;
    std::size_t size = 0;
    std::vector<std::size_t> axes;
  };
  const Axis* owner_of(const Dimension& dimension) const;
  std::vector<std::string> joined_values(const Dimension& dimension) const;
  void add_axis_coordinates(const Dimension& dimension,
                            std::vector<report::StoredVariable>& into) const;
  void add_derived(const Derived& derived, std::vector<report::StoredVariable>& into) const;

  const SweepFile* sweep_;
  std::vector<Dimension> dimensions_;
  std::size_t size_ = 1;
};

}  // namespace strobe::sweep
