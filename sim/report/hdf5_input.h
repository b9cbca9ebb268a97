#pragma once

// Reading back what hdf5_file.h writes. The file may be anything: cut off, of another program, with
// a bit turned over; its seal is looked at first. Whatever cannot be read is the user's to know
// about, with the file's name.

#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sim/report/hdf5_file.h"

namespace strobe::report {

using StoredValues =
    std::variant<std::vector<std::int64_t>, std::vector<double>, std::vector<std::string>>;

struct StoredVariable {
  Label label;
  std::vector<std::string> dimensions;  // of a coordinate its own name
  std::vector<std::uint64_t> shape;
  StoredValues values;
};

struct StoredAttribute {
  std::string name;
  std::variant<std::int64_t, double, std::string> value;
};

class Hdf5Input {
 public:
  // These throw UserError when the file cannot be read or is damaged.
  explicit Hdf5Input(const std::filesystem::path& path);
  // In the order of writing, without what every file ends with.
  std::vector<StoredAttribute> attributes() const;
  // Those with variables, in the order of writing; the root is "/".
  std::vector<std::string> groups() const;
  // Of a group, in the order of writing.
  std::vector<StoredVariable> variables(const std::string& group) const;

 private:
  std::string path_;
  // One, once it is open, in memory: HDF5's own reading wants locks that network file systems do
  // not have, for writers that change a file in place, which ours never do.
  std::vector<Hdf5Handle> file_;
};

}  // namespace strobe::report
